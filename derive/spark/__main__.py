"""What `spark-submit` is given: `derive spark` with the same options."""

import sys

from derive.cli import main

if __name__ == "__main__":
    sys.argv.insert(1, "spark")
    main()
