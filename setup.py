from setuptools import Extension, setup

# Optional: without a compiler the install goes on, and the reference kernel is used.
KERNEL = ("native", "lexer", "collection")
setup(ext_modules=[Extension(f"derive.kernel.{n}", [f"derive/kernel/{n}.pyx"], depends=["derive/kernel/tokenise.h"], optional=True) for n in KERNEL])
