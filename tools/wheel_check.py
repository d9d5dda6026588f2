"""Builds sdist and wheel and uses them as a stranger does: in a clean environment, with the tests away from the checkout.

    python tools/wheel_check.py                     # all environments, all tests
    python tools/wheel_check.py oldest tests/test_cli.py -x

The environments differ in one thing each: `newest` dependencies, the `oldest` that pyproject.toml allows (every `>=` read
as `==`; needs Python 3.11 or 3.12), and `pure`, the sdist built where there is no compiler.
"""

import itertools
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).parent.parent
BUILT_IN = {".pyx", ".h"}  # sources of the kernel: in the sdist, of no use in a wheel
ENVIRONMENTS = ("newest", "oldest", "pure")


def run(*words: str | Path, **more: str) -> None:
    subprocess.run([str(w) for w in words], check=True, env={**os.environ, **more})


def environment(folder: Path) -> Path:
    venv.create(folder, with_pip=True, clear=True)
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    run(python, "-m", "pip", "install", "-q", "--upgrade", "pip")
    return python


def build(work: Path) -> tuple[Path, Path]:
    """The sdist of what git tracks here, and the wheel built from that sdist alone."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, tracked.split("\0")):
        (work / "checkout" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, work / "checkout" / name)
    python = environment(work / "build")
    run(python, "-m", "pip", "install", "-q", "build")
    run(python, "-m", "build", "--outdir", work / "dist", work / "checkout")
    return next((work / "dist").glob("*.tar.gz")), next((work / "dist").glob("*.whl"))


def check_content(wheel: Path, checkout: Path) -> None:
    """Every file of the package is in the wheel, and nothing else but compiled modules and metadata."""
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    wanted = {p.relative_to(checkout).as_posix() for p in (checkout / "derive").rglob("*") if p.is_file()}
    wanted = {name for name in wanted if Path(name).suffix not in BUILT_IN}
    compiled = {name for name in held if name.endswith((".so", ".pyd"))}
    if held - compiled != wanted:
        sys.exit(f"the wheel lacks {sorted(wanted - held)} and should not hold {sorted(held - compiled - wanted)}")
    if not compiled:
        sys.exit("the wheel has no compiled kernel: is there a compiler?")
    print(f"{wheel.name}: {len(held)} files, all that belong there and no other", flush=True)


def oldest(project: dict) -> str:
    """Constraints that hold every direct dependency at its lower bound."""
    wanted = [*project["dependencies"], *itertools.chain(*project["optional-dependencies"].values())]
    return "".join(f"{line.split(',')[0].replace('>=', '==')}\n" for line in wanted)


def check(name: str, sdist: Path, wheel: Path, work: Path, words: list[str]) -> None:
    """Installs into an environment of its own and runs the tests in a folder without the package's sources."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    python = environment(work / name)
    limits = work / f"{name}.txt"
    limits.write_text(oldest(settings["project"]) if name == "oldest" else "")
    install = (python, "-m", "pip", "install", "-q", "-c", limits)
    extras = ",".join(set(settings["project"]["optional-dependencies"]) - {"spark"})  # half a gigabyte, and a Java
    run(*install, f"derive-news[{extras}] @ {(sdist if name == 'pure' else wheel).as_uri()}",
        **({"CC": "false", "CXX": "false"} if name == "pure" else {}))  # fmt: skip
    run(*install, "--group", f"{ROOT / 'pyproject.toml'}:test")
    elsewhere = work / f"tests-{name}"
    with tarfile.open(sdist) as archive:
        archive.extractall(elsewhere, filter="data")
    (folder,) = elsewhere.iterdir()
    shutil.rmtree(folder / "derive")
    os.chdir(folder)
    kernel = "reference" if name == "pure" else "native"
    run(python, "-c", f"from derive import kernel; assert kernel.name == {kernel!r}, kernel.name")
    run(python, "-m", "pytest", "-q", *words)


def main(words: list[str]) -> None:
    names = [word for word in words if word in ENVIRONMENTS] or list(ENVIRONMENTS)
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        sdist, wheel = build(work)
        check_content(wheel, work / "checkout")
        for name in names:
            check(name, sdist, wheel, work, [word for word in words if word not in ENVIRONMENTS])
            print(f"{name}: installed, and the tests pass away from the checkout", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
