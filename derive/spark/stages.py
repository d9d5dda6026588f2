"""A folder of stages: each is written as Parquet once, and read from there ever after.

The folder's `stages.json` says what all of it was made from: the version of derive, the settings, and a checksum of the
input. A stage counts as done when Spark has written its `_SUCCESS`; what was cut off is made anew. A folder that was made
from something else is refused. Paths are Hadoop's: a local folder, `hdfs://`, `s3a://`.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from derive.errors import InputError

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Say = Callable[[str], None]
"""Called with one line for each stage."""

MANIFEST = "stages.json"
SECRET = "key"


class Stages:
    """The stages of one job under one folder."""

    def __init__(self, spark: SparkSession, folder: str, made_from: dict[str, Any], say: Say | None = None) -> None:
        """Raises `InputError` where the folder holds stages that were made from something else."""
        self.spark, self._folder, self._say = spark, folder.rstrip("/"), say or (lambda line: None)
        known = self._read(MANIFEST)
        wanted = json.loads(json.dumps(made_from))
        if known is None:
            self._write(MANIFEST, json.dumps(wanted, indent=1, sort_keys=True))
        elif other := _differing(json.loads(known), wanted):
            raise InputError(
                f"{folder} holds stages made with another {', another '.join(other)}: name another folder, or remove it"
            )

    def table(self, name: str, make: Callable[[], DataFrame]) -> DataFrame:
        """The rows of a stage: read if it is there, else made and written."""
        path = f"{self._folder}/{name}"
        if self._exists(f"{path}/_SUCCESS"):
            self._say(f"{name}: kept from before")
        else:
            began = time.monotonic()
            make().write.mode("overwrite").parquet(path)
            self._say(f"{name}: {time.monotonic() - began:.1f} s")
        return self.spark.read.parquet(path)

    def secret(self) -> bytes:
        """A key of this folder's own, drawn when it is first asked for."""
        known = self._read(SECRET)
        if known is None:
            known = secrets.token_hex(32)
            self._write(SECRET, known)
        return bytes.fromhex(known.strip())

    def _at(self, path: str) -> tuple[Any, Any]:
        """Hadoop's file system for a path, and the path."""
        hadoop = self.spark.sparkContext._jvm.org.apache.hadoop.fs.Path(path)
        return hadoop.getFileSystem(self.spark.sparkContext._jsc.hadoopConfiguration()), hadoop

    def _exists(self, path: str) -> bool:
        files, at = self._at(path)
        return bool(files.exists(at))

    def _read(self, name: str) -> str | None:
        if not self._exists(f"{self._folder}/{name}"):
            return None
        return "".join(
            f"{row.value}\n" for row in self.spark.read.text(f"{self._folder}/{name}", wholetext=True).collect()
        )

    def _write(self, name: str, text: str) -> None:
        files, at = self._at(f"{self._folder}/{name}")
        stream = files.create(at, True)
        try:
            stream.write(bytearray(text.encode()))
        finally:
            stream.close()


def _differing(known: dict[str, Any], wanted: dict[str, Any]) -> list[str]:
    """What of the two is not the same, by name."""
    return sorted(name for name in known.keys() | wanted.keys() if known.get(name) != wanted.get(name))
