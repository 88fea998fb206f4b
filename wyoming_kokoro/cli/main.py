"""The command line. Results go to stdout, logs to stderr; exit codes: 0, 1 start-up, 2 configuration."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from wyoming_kokoro.config import Config, load
from wyoming_kokoro.errors import ConfigError, KokoroError
from wyoming_kokoro.version import __version__

Command = Callable[[Config, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    options = parser().parse_args(arguments)
    try:
        config = load(options.config, os.environ, _overrides(options))
        logging.basicConfig(
            level=config.log_level.upper(),
            format="%(asctime)s %(levelname)-7s %(message)s",
            stream=sys.stderr,
        )
        command: Command = options.command
        return command(config, options)
    except ConfigError as error:
        return _fail(error, 2)
    except KokoroError as error:
        return _fail(error, 1)
    except BrokenPipeError:  # whoever read stdout has read enough
        return 0
    except KeyboardInterrupt:
        return 130


def parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    root = argparse.ArgumentParser(
        prog="wyoming-kokoro", description="The Kokoro voice for Home Assistant; without a command: serve."
    )
    root.add_argument("--version", action="version", version=f"wyoming-kokoro {__version__}")
    root.set_defaults(command=_serve)
    _settings(root, None)
    commands = root.add_subparsers(title="commands", metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    _settings(common, argparse.SUPPRESS)
    json = argparse.ArgumentParser(add_help=False)
    json.add_argument("--json", action="store_true", help="print JSON")

    commands.add_parser("serve", parents=[common], help="serve clients (the default)").set_defaults(command=_serve)
    say = commands.add_parser("say", parents=[common], help="speak once, on the server's own path")
    say.add_argument("text", help="what to say; - reads it from stdin")
    say.add_argument("--output", default="-", help="a WAV file; - (the default) writes to stdout")
    say.set_defaults(command=_say)
    for name, what, command in (
        ("voices", "list the advertised voices", _voices),
        ("plugins", "list the installed plugins and what became of them", _plugins),
    ):
        commands.add_parser(name, parents=[common, json], help=what).set_defaults(command=command)
    what = "open everything, speak one word, say what is wrong and what to do"
    commands.add_parser("check", parents=[common, json], help=what).set_defaults(command=_check)
    what = "ask the running server what it is; exit code 1 when it does not answer within 5 s"
    commands.add_parser("ping", parents=[common, json], help=what).set_defaults(command=_ping)
    cache = commands.add_parser("cache", parents=[common], help="the speech that is kept")
    actions = cache.add_subparsers(title="actions", metavar="ACTION", required=True)
    for name, what, command in (
        ("stats", "tell how much is kept, and how often it was of use", _cache_stats),
        ("list", "list the phrases that are kept, what was used last first", _cache_list),
    ):
        actions.add_parser(name, parents=[common, json], help=what).set_defaults(command=command)
    clear = actions.add_parser("clear", parents=[common], help="forget every phrase")
    clear.add_argument("--learned", action="store_true", help="forget also what was learned about this house")
    clear.set_defaults(command=_cache_clear)
    warm = actions.add_parser("warm", parents=[common], help="make now what the server would make while it is idle")
    warm.set_defaults(command=_cache_warm)
    what = "compare the speed and memory with plain kokoro-onnx or another Wyoming server"
    bench = commands.add_parser("bench", parents=[common, json], help=what)
    bench.add_argument("--rounds", type=int, default=5, metavar="N", help="measurements per phrase; default: 5")
    bench.add_argument("--against", metavar="URI", help="another Wyoming server, instead of kokoro-onnx")
    bench.set_defaults(command=_bench)
    download = commands.add_parser("download", parents=[common], help="download one of kokoro-onnx's model files")
    download.add_argument("name", nargs="?", default="fp16", help="int8, fp16 (the default), fp32 or voices")
    download.set_defaults(command=_download)
    service = commands.add_parser("service", parents=[common], help="run as a service of this machine, or of yours")
    _service_actions(service, common)
    return root


def _service_actions(service: argparse.ArgumentParser, common: argparse.ArgumentParser) -> None:
    actions = service.add_subparsers(title="actions", metavar="ACTION", required=True)
    scope = argparse.ArgumentParser(add_help=False)
    scope.add_argument("--user", action="store_true", help="a service of your own, without root")
    dry = argparse.ArgumentParser(add_help=False)
    dry.add_argument("--dry-run", action="store_true", help="only show what would be written and run")
    for name, parents, what, action in (
        ("install", [common, scope, dry], "install or update the service, with the settings given here", _install),
        ("uninstall", [common, scope, dry], "remove the service; what it has kept is left", _uninstall),
        ("status", [common, scope], "tell how the service does", _status),
    ):
        actions.add_parser(name, parents=parents, help=what).set_defaults(command=action)


def _settings(target: argparse.ArgumentParser, default: Any) -> None:
    group = target.add_argument_group("settings, each of which stands before the environment and the file")
    group.add_argument("--config", type=Path, metavar="FILE", default=default, help="the configuration file")
    for key in OVERRIDES:
        group.add_argument(f"--{key}", default=default, metavar=key.upper().replace("-", "_"), help=OVERRIDES[key][3])


OVERRIDES: dict[str, tuple[str, str, Callable[[str], object], str]] = {
    "uri": ("server", "uri", str, "tcp://HOST:PORT, unix:///PATH or stdio://"),
    "voice": ("voice", "name", str, "the default voice"),
    "speed": ("voice", "speed", float, "0.5 to 2.0"),
    "volume": ("voice", "volume", float, "0.0 to 4.0"),
    "model": ("model", "path", str, "a kokoro-onnx v1.0 model file, or a downloaded variant"),
    "cache": ("directories", "cache", str, "the cache directory"),
    "state": ("directories", "state", str, "the state directory"),
    "log-level": ("", "log_level", str, "debug, info, warning or error"),
}


def _overrides(options: argparse.Namespace) -> dict[tuple[str, str], object]:
    overrides: dict[tuple[str, str], object] = {}
    for option, (section, key, kind, _) in OVERRIDES.items():
        text = getattr(options, option.replace("-", "_"))
        if text is not None:
            try:
                overrides[section, key] = kind(text)
            except ValueError:
                raise ConfigError("command line", f"--{option}", f"{text!r} is not a number") from None
    return overrides


def _serve(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.server.lifecycle import serve
    from wyoming_kokoro.server.socket_activation import inherited_sockets

    def read() -> Config:
        return load(options.config, os.environ, _overrides(options))

    asyncio.run(serve(config, inherited_sockets(os.environ), read))
    return 0


def _say(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.say import say

    text = sys.stdin.read() if options.text == "-" else options.text
    asyncio.run(say(config, text, options.output))
    return 0


def _voices(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.voices import voices

    print(voices(config, options.json))
    return 0


def _plugins(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.plugins import plugins

    print(plugins(config, options.json))
    return 0


def _check(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.check import check

    page, code = check(config, options.json)
    print(page)
    return code


def _ping(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.ping import ping

    page, code = ping(config, options.json)
    print(page)
    return code


def _cache_stats(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.cache import stats

    print(asyncio.run(stats(config, options.json)))
    return 0


def _cache_list(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.cache import format_phrases

    print(asyncio.run(format_phrases(config, options.json)))
    return 0


def _cache_clear(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.cache import clear

    print(asyncio.run(clear(config, options.learned)))
    return 0


def _cache_warm(config: Config, _: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.cache import warm

    print(asyncio.run(warm(config)))
    return 0


def _bench(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.bench.compare import bench

    print(bench(config, options.json, options.rounds, options.against))
    return 0


def _download(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.download import download

    print(download(config, options.name))
    return 0


def _install(config: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.service.commands import install, manager

    print(install(manager(options.user), config, _as_given(options), options.dry_run))
    return 0


def _uninstall(_: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.service.commands import manager, uninstall

    print(uninstall(manager(options.user), options.dry_run))
    return 0


def _status(_: Config, options: argparse.Namespace) -> int:
    from wyoming_kokoro.cli.service.commands import manager

    page, code = manager(options.user).status()
    print(page)
    return code


def _as_given(options: argparse.Namespace) -> list[str]:
    """Return the settings of this command line, for that of a server."""
    given = {name: getattr(options, name.replace("-", "_")) for name in OVERRIDES}
    words = [word for name, text in given.items() if text is not None for word in (f"--{name}", str(text))]
    return [*(["--config", str(options.config.absolute())] if options.config else []), *words]


def _fail(error: KokoroError, code: int) -> int:
    print(f"wyoming-kokoro: {error}", file=sys.stderr)
    return code
