import os

from setuptools import Extension, setup

# Optional: without a compiler the install goes on, and the reference kernel is used.
KERNEL = {"native": [], "lexer": ["columns.h", "tokenise.h"], "collection": []}
setup(
    ext_modules=[
        Extension(
            f"derive.kernel.{name}",
            [f"derive/kernel/{name}.pyx"],
            depends=[f"derive/kernel/{header}" for header in headers],
            extra_compile_args=[] if os.name == "nt" else ["-O3"],
            optional=True,
        )
        for name, headers in KERNEL.items()
    ]
)
