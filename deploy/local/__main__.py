"""`python -m deploy.local COMMAND`: what `./run` becomes once its environment stands."""

import sys

from deploy.local.commands import main

sys.exit(main(sys.argv[1:]))
