"""The instrument's command line: `python -m dynometer`."""

from dynometer.commands.group import main

if __name__ == "__main__":
    main(prog_name="python -m dynometer")
