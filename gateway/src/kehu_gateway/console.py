"""The web console as files in memory: its page, its assets, and which paths are its own.

The folder is read once and again when it changes.  A request never touches the disk, so no path
leads out of the folder.
"""

from __future__ import annotations

import hashlib
import json
import logging
import secrets
import threading
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import version
from pathlib import Path

from kehu_chassis.problems import Problem
from kehu_gateway.codings import choose
from kehu_gateway.responses import Environ, Headers, StartResponse, respond
from kehu_gateway.routes import method_not_allowed

RELOAD_SECONDS = 1.0
ASSETS = "/assets/"
_READS = ("GET", "HEAD")
_NONCE = b"__CSP_NONCE__"
_SUFFIXES = {".br": "br", ".gz": "gzip"}
_NOT_SERVED = ("index.html", "routes.json")
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".webmanifest": "application/manifest+json",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_PAGE_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-cache"),
    ("Referrer-Policy", "same-origin"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
]
# Pages of whoever is signed in begin with it.
_ME = "</api/v1/auth/me>; rel=preload; as=fetch; crossorigin"
_MISSING = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kehu</title>
</head>
<body>
<main>
<h1>Kehu</h1>
<p>The web console is not built yet. Run <code>./kehu console build</code> in the checkout, then
reload this page. The API works without it: see <a href="/docs">its documentation</a>.</p>
<p lang="zh">网页控制台尚未构建。请在代码目录中运行 <code>./kehu console build</code>，
然后刷新本页。API 无需控制台即可使用，详见 <a href="/docs">API 文档</a>。</p>
</main>
</body>
</html>
""".encode()

Stamp = tuple[tuple[str, int, int], ...]
_log = logging.getLogger("kehu.gateway.console")


class File:
    """A file in the codings that the build made of it."""

    def __init__(self, name: str, plain: bytes, coded: Mapping[str, bytes]) -> None:
        self.type = _TYPES.get(Path(name).suffix, "application/octet-stream")
        self.bodies = {"identity": plain, **coded}
        self.digest = hashlib.sha256(plain).hexdigest()[:32]


class Build:
    """One build, complete in memory."""

    def __init__(self, folder: Path) -> None:
        index = (folder / "index.html").read_bytes()
        self.digest = hashlib.sha256(index).hexdigest()[:16]
        self.page = index.split(_NONCE)
        found = json.loads((folder / "routes.json").read_bytes())
        self.languages = {
            language: _preloads(files) for language, files in found["languages"].items()
        }
        self.routes = [(_segments(route), files) for route, files in found["routes"].items()]
        self.files = {f"/{name}": file for name, file in _files(folder)}
        self.assets = {f"{ASSETS}{name}": file for name, file in _files(folder / "assets")}

    def files_of(self, path: str) -> Sequence[str] | None:
        """What the page at a path needs beside what each does.

        None if it is not one of the console's pages; those of the API never are.
        """
        if path.startswith("/api/"):
            return None
        segments = _segments(path)
        return next((files for route, files in self.routes if _matches(route, segments)), None)

    def preloads(self, path: str, languages: str) -> str:
        """What the browser should load beside the page's scripts, instead of one after another."""
        spoken = "zh" if languages.lower().startswith("zh") else "en"
        files = self.files_of(path)
        own = [_ME, *_preloads(files)] if files else []
        return ", ".join([*self.languages.get(spoken, ()), *own])


class Console:
    """The present build, if there is one, and the assets of the one before, for open tabs."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._closed = threading.Event()
        self._seen = self._loaded = _stamp(folder)
        self._build: Build | None = None
        self._old_assets: dict[str, File] = {}
        self._load()

    @property
    def version(self) -> str:
        """What open tabs compare, to notice a new build."""
        return self._build.digest if self._build else version("kehu-gateway")

    def start(self) -> None:
        """Check for a new build every second, in the background."""
        threading.Thread(target=self._run, name="console", daemon=True).start()

    def close(self) -> None:
        """Stop the background thread."""
        self._closed.set()

    def check(self) -> bool:
        """Load what has changed and is no longer changing; return whether there is a new build."""
        stamp = _stamp(self._folder)
        settled, self._seen = stamp == self._seen, stamp
        if stamp == self._loaded or not settled:
            return False
        self._loaded = stamp
        return self._load()

    def serves(self, path: str, method: str) -> bool:
        """Whether the path is the console's, and not for the services or the other pages."""
        build = self._build
        if path == "/" or path.startswith(ASSETS):
            return True
        return (
            method in _READS
            and build is not None
            and (path in build.files or build.files_of(path) is not None)
        )

    def respond(
        self, environ: Environ, path: str, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Respond to a request for a path that it `serves`."""
        method = environ["REQUEST_METHOD"]
        if method == "OPTIONS":
            allow = [("Allow", ", ".join(sorted((*_READS, method))))]
            return respond(environ, start_response, "204 No Content", b"", allow)
        if method not in _READS:
            raise method_not_allowed(method, _READS)
        build = self._build
        if path.startswith(ASSETS):
            asset = build and build.assets.get(path) or self._old_assets.get(path)
            if asset is None:
                raise Problem(404, "not-found")
            cached = "public, max-age=31536000, immutable"
            return _respond_file(environ, start_response, asset, cached)
        if build is not None and path in build.files:
            return _respond_file(environ, start_response, build.files[path], "no-cache")
        if build is None:
            extra = [("Content-Type", "text/html; charset=utf-8"), ("Cache-Control", "no-cache")]
            return respond(environ, start_response, "200 OK", _MISSING, extra)
        nonce = secrets.token_urlsafe(16)
        extra = [*_PAGE_HEADERS, ("Content-Security-Policy", _POLICY.format(nonce=nonce))]
        if link := build.preloads(path, environ.get("HTTP_ACCEPT_LANGUAGE", "")):
            extra.append(("Link", link))
        return respond(environ, start_response, "200 OK", nonce.encode().join(build.page), extra)

    def _load(self) -> bool:
        """Load the folder; what cannot be read or is missing changes nothing."""
        try:
            found = Build(self._folder)
        except FileNotFoundError:
            return False
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            _log.error("keeping the last good build of the console: %r", error)
            return False
        before = self._build
        # One build may be read several times while it is written.
        if before is not None and before.digest != found.digest:
            self._old_assets = before.assets
        self._build = found
        _log.info("console %s: %d assets", found.digest, len(found.assets))
        return True

    def _run(self) -> None:
        while not self._closed.wait(RELOAD_SECONDS):
            self.check()


def _respond_file(
    environ: Environ, start_response: StartResponse, file: File, cached: str
) -> Iterable[bytes]:
    coding = choose(environ.get("HTTP_ACCEPT_ENCODING"), file.bodies)
    tag = f'"{file.digest}-{coding}"'
    extra: Headers = [
        ("Content-Type", file.type),
        ("Cache-Control", cached),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("ETag", tag),
        ("Vary", "Accept-Encoding"),
    ]
    if coding != "identity":
        extra.append(("Content-Encoding", coding))
    if tag in environ.get("HTTP_IF_NONE_MATCH", ""):
        return respond(environ, start_response, "304 Not Modified", b"", extra)
    return respond(environ, start_response, "200 OK", file.bodies[coding], extra)


def _preloads(files: Iterable[str]) -> list[str]:
    return [f"</{file}>; rel=modulepreload" for file in files]


def _segments(path: str) -> list[str]:
    return path.split("/")


def _matches(route: list[str], segments: list[str]) -> bool:
    """Whether each segment is that of the route, or any one where the route has a parameter."""
    return len(route) == len(segments) and all(
        bool(given) if wanted.startswith("$") else given == wanted
        for wanted, given in zip(route, segments, strict=True)
    )


def _files(folder: Path) -> Iterable[tuple[str, File]]:
    """The files of a folder, but not of those in it, by name; hidden ones are no part of it."""
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        name = path.name
        if path.suffix in _SUFFIXES or name in _NOT_SERVED or name.startswith("."):
            continue
        if path.is_file():
            beside = {path.with_name(name + suffix): c for suffix, c in _SUFFIXES.items()}
            coded = {coding: each.read_bytes() for each, coding in beside.items() if each.exists()}
            yield name, File(name, path.read_bytes(), coded)


def _stamp(folder: Path) -> Stamp:
    found = []
    for path in sorted(folder.rglob("*")):
        try:
            stat = path.stat()
        except OSError:
            continue
        found.append((str(path), stat.st_mtime_ns, stat.st_size))
    return tuple(found)
