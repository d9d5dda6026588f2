from setuptools import Extension, setup

# Optional: without a compiler the install goes on, and the reference kernel is used.
setup(ext_modules=[Extension("derive.kernel.native", ["derive/kernel/native.pyx"], optional=True)])
