"""Serving the console: its page, its assets, and nothing else."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.tests.conftest import World, build_world, end_world
from gateway.tests.support import Response, wait_for
from kehu_gateway.codings import choose
from kehu_gateway.console import Console

INDEX = (
    '<!doctype html><meta name="csp" content="__CSP_NONCE__">'
    '<script src="/assets/main-1.js"></script><style nonce="__CSP_NONCE__"></style>'
)
SCRIPT = b"console.log('client')\n" * 40
ROUTES = {
    "/": ["assets/start-1.js"],
    "/login": [],
    "/opportunities": ["assets/list-1.js", "assets/shared-1.js"],
    "/opportunities/$id": ["assets/page-1.js"],
    "/x/$a/y/$b": ["assets/x-1.js"],
}
LANGUAGES = {"zh": ["assets/zh-1.js"], "en": ["assets/en-1.js"]}
IMMUTABLE = "public, max-age=31536000, immutable"
SAFE = {"Accept-Encoding": "identity"}


def write(folder: Path, *, mark: str = "1", routes: Any = None) -> Path:
    """Write a build as Vite does."""
    assets = folder / "assets"
    assets.mkdir(parents=True, exist_ok=True)
    (assets / f"main-{mark}.js").write_bytes(SCRIPT)
    (assets / f"main-{mark}.js.br").write_bytes(b"brotli of it")
    (assets / f"main-{mark}.js.gz").write_bytes(gzip.compress(SCRIPT))
    (assets / "style.css").write_bytes(b"p{}")
    (folder / "favicon.svg").write_bytes(b"<svg/>")
    (folder / "THIRD_PARTY.txt").write_text("thanks")
    (folder / ".stamp").write_text("secret stamp")
    (folder / "index.html.br").write_bytes(b"a page without a nonce")
    (folder / "routes.json").write_text(
        json.dumps({"routes": routes or ROUTES, "languages": LANGUAGES})
    )
    (folder / "index.html").write_text(INDEX.replace("main-1", f"main-{mark}"))
    return folder


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def console(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A gateway with a console."""
    world = build_world(tmp_path_factory.mktemp("console"), {"KEHU_CONSOLE": str(dist)})
    yield world
    end_world(world)


def _nonce(response: Response) -> str:
    policy = response.headers["Content-Security-Policy"]
    found = re.search(r"style-src 'self' 'nonce-([A-Za-z0-9_-]{22,})';", policy)
    assert found, policy
    return found[1]


def test_the_page_has_another_nonce_each_time(console: World) -> None:
    nonces = set()
    for path in ("/", "/login", "/opportunities", "/opportunities/17", "/x/客户/y/2"):
        quoted = path.replace("客户", "%E5%AE%A2%E6%88%B7")
        page = console.gateway.get(quoted)
        assert page.status == 200, path
        text = page.body.decode()
        nonce = _nonce(page)
        assert text == INDEX.replace("__CSP_NONCE__", nonce)
        nonces.add(nonce)
    assert len(nonces) == 5


def test_the_page_is_protected(console: World) -> None:
    headers = console.gateway.get("/login", **{"Accept-Encoding": "br, gzip"}).headers
    policy = headers["Content-Security-Policy"]
    for rule in (
        "default-src 'none'", "script-src 'self'", "style-src-attr 'unsafe-inline'",
        "img-src 'self' data: blob:", "font-src 'self'", "connect-src 'self'",
        "manifest-src 'self'", "worker-src 'self'", "base-uri 'none'", "form-action 'self'",
        "frame-ancestors 'none'",
    ):  # fmt: skip
        assert rule in policy.split("; ")
    assert len(headers.get_all("Content-Security-Policy") or ()) == 1
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert headers.get_all("Cache-Control") == ["no-cache"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers.get_all("Referrer-Policy") == ["same-origin"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Content-Encoding"] is None and headers["Set-Cookie"] is None


@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/login/", "/login/x", "/opportunities/", "/opportunities/1/2", "/Login",
        "/x/1/y", "/x/1/z/2", "/$id", "/opportunities$", "/index.html", "/routes.json", "/.stamp",
        "/index.html.br", "/assets", "/favicon.svg/", "/api/v1/alpha/nothing", "/api",
    ],
)  # fmt: skip
def test_other_paths_do_not_exist_as_before(console: World, path: str) -> None:
    response = console.gateway.get(path)
    assert (response.status, response.code) == (404, "not-found")


def test_a_page_names_what_the_browser_will_need(console: World) -> None:
    script = "</assets/{}-1.js>; rel=modulepreload".format
    me = "</api/v1/auth/me>; rel=preload; as=fetch; crossorigin"
    for path, spoken, named in (
        ("/opportunities", "zh-CN,zh;q=0.9", [script("zh"), me, script("list"), script("shared")]),
        ("/opportunities/17", "en-GB,zh;q=0.8", [script("en"), me, script("page")]),
        ("/login", "", [script("en")]),
    ):
        link = console.gateway.get(path, **{"Accept-Language": spoken}).headers["Link"]
        assert link.split(", ") == named, path
    assert console.gateway.get("/assets/main-1.js").headers["Link"] is None


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_a_page_is_only_read(console: World, method: str) -> None:
    for path, status in (("/", 405), ("/assets/main-1.js", 405), ("/login", 404)):
        response = console.gateway.request(method, path, body=b"{}")
        assert response.status == status, path
    assert console.gateway.request("OPTIONS", "/").headers["Allow"] == "GET, HEAD, OPTIONS"


def test_the_other_addresses_stay(console: World) -> None:
    for path in ("/docs", "/openapi.json", "/healthz", "/readyz", "/api/v1/alpha/public"):
        assert console.gateway.get(path).status == 200, path
    assert console.gateway.get("/api/v1/alpha/things").status == 401


def test_routes_cannot_take_the_place_of_the_api(
    build: Callable[..., World], tmp_path: Path
) -> None:
    routes: dict[str, list[str]] = {"/$a": [], "/$a/$b": [], "/$a/$b/$c/$d": [], "/docs": []}
    world = build(KEHU_CONSOLE=str(write(tmp_path / "dist", routes=routes)))
    assert world.gateway.get("/api/v1/alpha/things").status == 401
    assert world.gateway.get("/api/v1/nothing/at-all").status == 404
    assert b"swagger" in world.gateway.get("/docs").body
    assert world.gateway.get("/healthz").body == b"ok\n"


def test_assets_are_kept_for_ever(console: World) -> None:
    for accepted, coding, body in (
        ("gzip, deflate, br", "br", b"brotli of it"),
        ("gzip", "gzip", gzip.compress(SCRIPT)),
        ("identity", None, SCRIPT),
    ):
        headers = {"Accept-Encoding": accepted}
        response = console.gateway.request("GET", "/assets/main-1.js", headers=headers)
        assert response.status == 200
        assert response.headers["Content-Encoding"] == coding
        assert response.headers.get_all("Cache-Control") == [IMMUTABLE]
        assert response.headers["Vary"] == "Accept-Encoding"
        assert response.headers["Content-Type"] == "text/javascript; charset=utf-8"
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Content-Length"] == str(len(body))
        if coding != "gzip":  # whose head has the time
            assert response.body == body
        head = console.gateway.request("HEAD", "/assets/main-1.js", headers=headers)
        assert head.body == b"" and head.status == 200
        for name in ("Content-Length", "Content-Encoding", "ETag", "Cache-Control"):
            assert head.headers[name] == response.headers[name]
        again = {**headers, "If-None-Match": response.headers["ETag"]}
        known = console.gateway.request("GET", "/assets/main-1.js", headers=again)
        assert (known.status, known.body) == (304, b"")


def test_a_file_that_was_not_compressed_is_sent_plain(console: World) -> None:
    response = console.gateway.get("/assets/style.css", **{"Accept-Encoding": "br, gzip"})
    assert (response.body, response.headers["Content-Encoding"]) == (b"p{}", None)
    assert response.headers["Vary"] == "Accept-Encoding"


def test_a_head_of_the_page_has_no_body(console: World) -> None:
    response = console.gateway.request("HEAD", "/login")
    assert (response.status, response.body) == (200, b"")
    assert int(response.headers["Content-Length"]) > len(INDEX)
    # Also of what is refused.
    refused = console.gateway.raw(b"HEAD /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert refused.startswith(b"HTTP/1.1 404 ") and refused.endswith(b"\r\n\r\n")


def test_other_files_of_the_build_are_served_and_checked_again(console: World) -> None:
    response = console.gateway.get("/favicon.svg")
    assert (response.body, response.headers["Content-Type"]) == (b"<svg/>", "image/svg+xml")
    assert response.headers["Cache-Control"] == "no-cache"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert console.gateway.get("/THIRD_PARTY.txt").body == b"thanks"


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../index.html", "/assets/..%2f.stamp", "/assets/%2e%2e/.stamp",
        "/assets//main-1.js",
        "/assets/./main-1.js", "/assets/..;/.stamp", "/assets/..%5c.stamp", "/assets/..\\.stamp",
        "/assets/%2e%2e%2f%2e%2e%2fetc/passwd", "/..%2f..%2fetc/passwd", "/assets/%00",
        "/../.stamp",
        "/assets/main-1.js%00.css", "//assets/main-1.js", "/assets/.%2e/.stamp",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_folder(console: World, path: str) -> None:
    received = console.gateway.raw(
        f"GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode()
    )
    assert received.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 404 ")), received
    assert b"secret stamp" not in received and b"root:" not in received


@pytest.mark.parametrize(
    "path",
    [
        "/assets/", "/assets/nothing.js", "/assets/main-1.js.br", "/assets/main-1.js.gz",
        "/assets/main-1.js/", "/assets/MAIN-1.js", "/assets/index.html", "/assets/login",
    ],
)  # fmt: skip
def test_a_missing_asset_is_never_the_page(console: World, path: str) -> None:
    response = console.gateway.get(path)
    assert (response.status, response.code) == (404, "not-found")
    assert response.headers["Cache-Control"] == "no-store"


def test_without_a_build_the_page_says_what_to_run(
    build: Callable[..., World], tmp_path: Path
) -> None:
    world = build(KEHU_CONSOLE=str(tmp_path / "nothing"))
    page = world.gateway.get("/")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = page.body.decode()
    assert text.count("./kehu console build") == 2 and "网页控制台" in text
    assert 'href="/docs"' in text and "<script" not in text
    for path in ("/login", "/assets/main-1.js"):
        assert world.gateway.get(path).status == 404
    assert world.gateway.request("HEAD", "/").body == b""
    version = page.headers["X-Kehu-Version"]
    # A build that comes later needs no restart.
    write(tmp_path / "nothing")
    wait_for(lambda: world.gateway.get("/login").status == 200, "the console")
    assert world.gateway.get("/login").headers["X-Kehu-Version"] != version


def test_open_tabs_learn_of_a_new_build_and_go_on(
    build: Callable[..., World], tmp_path: Path
) -> None:
    folder = write(tmp_path / "dist")
    world = build(KEHU_CONSOLE=str(folder))
    token = world.auth.token("reader")

    def versions() -> set[str]:
        paths = ("/", "/login", "/assets/style.css", "/docs", "/api/v1/alpha/things", "/nothing")
        found = {world.gateway.get(path, token).headers["X-Kehu-Version"] for path in paths}
        for method in ("OPTIONS", "PATCH"):
            found.add(world.gateway.request(method, "/docs").headers["X-Kehu-Version"])
        return found

    [first] = versions()
    for name in ("main-1.js", "main-1.js.br", "main-1.js.gz"):
        (folder / "assets" / name).unlink()
    write(folder, mark="2")
    wait_for(lambda: world.gateway.get("/assets/main-2.js").status == 200, "the new build")
    [second] = versions()
    assert first != second
    assert b"main-2" in world.gateway.get("/").body
    old = world.gateway.get("/assets/main-1.js", **SAFE)
    assert (old.status, old.body) == (200, SCRIPT)
    assert (
        world.gateway.get("/assets/main-1.js", **{"Accept-Encoding": "br"}).body == b"brotli of it"
    )


def test_a_build_is_read_when_it_no_longer_changes(tmp_path: Path) -> None:
    folder = write(tmp_path / "dist")
    console = Console(folder)
    before = console.version
    write(folder, mark="2")
    assert not console.check() and console.version == before
    (folder / "late.txt").write_text("still writing")
    assert not console.check() and console.version == before
    assert console.check() and console.version != before
    assert not console.check()


def test_a_broken_build_changes_nothing(tmp_path: Path) -> None:
    folder = write(tmp_path / "dist")
    console = Console(folder)
    before = console.version

    def settle() -> None:
        console.check()
        assert not console.check() and console.version == before
        assert console.serves("/login", "GET")

    for broken in ("", "[]", '{"routes": 5}', '{"routes": [5]}', "{"):
        (folder / "routes.json").write_text(broken)
        settle()
    (folder / "index.html").unlink()
    settle()
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    folder.rmdir()
    settle()


def test_reading_one_build_twice_keeps_the_one_before(tmp_path: Path) -> None:
    """Compressing comes after the page, so a build may be read before it is complete."""
    folder = write(tmp_path / "dist")
    console = Console(folder)
    (folder / "assets" / "main-1.js").unlink()
    write(folder, mark="2")
    (folder / "assets" / "main-2.js.br").unlink()
    console.check()
    assert console.check()
    (folder / "assets" / "main-2.js.br").write_bytes(b"late")
    console.check()
    assert console.check()
    assert "/assets/main-1.js" in console._old_assets
    assert console._build and console._build.assets["/assets/main-2.js"].bodies["br"] == b"late"


@pytest.mark.parametrize(
    ("accepted", "coding"),
    [
        (None, "identity"),
        ("", "identity"),
        ("br", "br"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("GZip, BR", "br"),
        ("gzip, deflate, br, zstd", "br"),
        ("br;q=0.5, gzip;q=1.0", "gzip"),
        ("br;q=0.5, gzip;q=0.501", "gzip"),
        ("br ; q = 0.2 , gzip ; q=0.1", "br"),
        ("br;q=0, gzip;q=0", "identity"),
        ("br;q=0, *", "gzip"),
        ("*", "br"),
        ("*;q=0", "identity"),
        ("identity;q=1, *;q=0.5", "identity"),
        ("identity, gzip;q=0.5", "identity"),
        ("gzip;q=0.1", "gzip"),
        ("identity;q=0, gzip;q=0.001", "gzip"),
        ("identity;q=0", "identity"),
        ("deflate, zstd", "identity"),
        ("br;q=2, gzip", "gzip"),
        ("br;q=nan, br;q=-1, gzip;q=1e9", "identity"),
        ("brr, gzipp", "identity"),
        (",,;q=1,", "identity"),
    ],
)
def test_the_most_welcome_coding_is_chosen(accepted: str | None, coding: str) -> None:
    assert choose(accepted, ("br", "gzip", "identity")) == coding
    assert choose(accepted, ("identity",)) == "identity"
