"""Compressed files: what is inside, layer by layer, without ever unpacking a bomb.

A layer is opened as a stream; nothing is unpacked that nobody reads. Two layers at most, and no more bytes than
`MOST_BYTES` or `RATIO` times what was packed: beyond that, it is a bomb and not an article.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from typing import Any, BinaryIO

MOST_BYTES = 50_000_000_000
"""What one layer may unpack to (prior: a month of a large house's pages)."""
RATIO = 2_000
"""So many times what was packed (prior: text packs 3 to 10 times, a file of one repeated line 1,000 times)."""
FREE = 100_000_000
"""Up to so many bytes the ratio is not asked (prior)."""
LAYERS = 2
"""So many packers in each other are undone (prior: .gz in .gz happens by mistake, three never)."""


class DamagedError(Exception):
    """The packed data is cut off, broken or a bomb; says in words which."""


def _zstd(stream: BinaryIO) -> BinaryIO:
    import zstandard

    return zstandard.ZstdDecompressor().stream_reader(stream, read_across_frames=True)


PACKERS: dict[str, tuple[bytes, Callable[[BinaryIO], Any]]] = {
    "gz": (b"\x1f\x8b", lambda stream: gzip.GzipFile(fileobj=stream)),
    "bz2": (b"BZh", bz2.BZ2File),
    "xz": (b"\xfd7zXZ\x00", lzma.LZMAFile),
    "zst": (b"\x28\xb5\x2f\xfd", _zstd),
}
"""Suffix -> how such data begins, and how it is opened."""


def packer_of(head: bytes) -> str | None:
    """The suffix of the packer that wrote data beginning so."""
    return next((name for name, (mark, _) in PACKERS.items() if head.startswith(mark)), None)


def unpacked(stream: BinaryIO, packer: str) -> BinaryIO:
    """What is inside; reading raises `DamagedError`. Raises ImportError where the packer's package is not installed."""
    counted = _Counted(stream)
    return io.BufferedReader(_Checked(PACKERS[packer][1](counted), counted), 1 << 16)  # type: ignore[arg-type]


class _Counted(io.RawIOBase):
    """A stream that knows how much of it was read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        part = self._stream.read(len(buffer))
        buffer[: len(part)] = part
        self.count += len(part)
        return len(part)


class _Checked(io.RawIOBase):
    """Unpacked bytes, with every failure in words and a limit on how many there are."""

    def __init__(self, stream: Any, packed: _Counted) -> None:
        self._stream = stream
        self._packed = packed
        self._count = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            part = self._stream.read(len(buffer))
        except EOFError as error:
            raise DamagedError("the packed file is cut off: what came before was read; fetch it again") from error
        except (OSError, zlib.error, lzma.LZMAError, ValueError, RuntimeError) as error:
            raise DamagedError(f"the packed file is damaged ({type(error).__name__}): fetch it again") from error
        except Exception as error:
            if type(error).__name__ != "ZstdError":
                raise
            raise DamagedError("the packed file is damaged (zstd): fetch it again") from error
        self._count += len(part)
        if self._count > MOST_BYTES or (self._count > FREE and self._count > RATIO * max(1, self._packed.count)):
            raise DamagedError("unpacks to far more than any article: not read further")
        buffer[: len(part)] = part
        return len(part)
