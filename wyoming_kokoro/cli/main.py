"""The program: parses the command line and runs one command.

Results go to stdout, logs to stderr. Exit codes: 0 success, 1 failure, 2 wrong configuration.
"""

from __future__ import annotations

import argparse
import errno
import logging
import os
import sys
from collections.abc import Sequence
from importlib import import_module

from wyoming_kokoro.cli import serve
from wyoming_kokoro.cli.overrides import add_options, given_settings
from wyoming_kokoro.cli.parsers import Commands, Run
from wyoming_kokoro.config import load_config
from wyoming_kokoro.errors import ConfigError, KokoroError, StartupError
from wyoming_kokoro.terminal import LogFormatter, escape, escape_unencodable_output, open_closed_streams
from wyoming_kokoro.version import __version__

COMMANDS = ("serve", "say", "voices", "plugins", "check", "ping", "cache", "words", "bench", "download", "service")
"""Each is a module of this package."""
DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    open_closed_streams()
    escape_unencodable_output()
    arguments = sys.argv[1:] if arguments is None else arguments
    options = build_parser(arguments).parse_args(arguments)
    try:
        config = load_config(options.config, os.environ, given_settings(options))
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(LogFormatter("%(asctime)s %(levelname)-7s %(message)s"))
        logging.basicConfig(level=config.log_level.upper(), handlers=[handler])
        run: Run = options.run
        code = run(config, options)
        sys.stdout.flush()
        return code
    except ConfigError as error:
        return _fail(error, 2)
    except KokoroError as error:
        return _fail(error, 1)
    except ImportError as error:
        if (error.name or "").startswith("wyoming_kokoro"):
            raise
        return _fail(StartupError(describe_import_error(error)), 1)
    # The program that reads stdout has closed it: for example `head`.
    except BrokenPipeError:
        _discard_output()
        return 0
    except OSError as error:
        if error.errno not in DISK_ERRORS:
            raise
        _discard_output()
        problem = f"{error.filename or 'the output'} cannot be written: {error.strerror}; choose another place"
        return _fail(StartupError(problem), 1)


def build_parser(arguments: Sequence[str]) -> argparse.ArgumentParser:
    """Return a parser for `arguments`. Each module of `COMMANDS` adds its own part.

    If they begin with a command, the parser knows only this one. Importing the others would take a tenth of the time
    of `ping`, which runs every minute.
    """
    parser = argparse.ArgumentParser(
        prog="wyoming-kokoro", description="The Kokoro voice for Home Assistant. Without a command it serves clients."
    )
    parser.add_argument("--version", action="version", version=f"wyoming-kokoro {__version__}")
    parser.set_defaults(run=serve.run)
    add_options(parser, None)
    commands = Commands(parser.add_subparsers(title="commands", metavar="COMMAND"))
    named = [name for name in COMMANDS if name in arguments[:1]]
    for name in named or COMMANDS:
        import_module(f"wyoming_kokoro.cli.{name}").add_parser(commands)
    return parser


def describe_import_error(error: ImportError) -> str:
    """Return one line that says which package cannot be imported, and what to do."""
    import sysconfig

    # On systems with musl, such as Alpine, the names of extension modules contain it: cpython-313-x86_64-linux-musl.
    if "musl" in (sysconfig.get_config_var("SOABI") or ""):
        remedy = "onnxruntime has no package for musl; use a system with glibc, such as Debian, or the Docker image"
    else:
        remedy = "install wyoming-kokoro again with pip"
    return f"cannot import {error.name or 'a package'} ({error}); {remedy}"


def _discard_output() -> None:
    """Let Python write what stdout still buffers at the end into the null device. It would report another error."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fail(error: KokoroError, code: int) -> int:
    print(f"wyoming-kokoro: {escape(str(error))}", file=sys.stderr)
    return code
