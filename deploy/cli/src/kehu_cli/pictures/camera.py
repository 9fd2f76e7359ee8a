"""Opens the pages in a browser and writes what they show."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import click
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Request

from kehu_cli.demo.display import Report
from kehu_cli.demo.people import Staff
from kehu_cli.pictures.scenes import SUBJECTS, Scene
from kehu_cli.web import chromium

WIDTH = 1280
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 780},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
PATIENCE_SECONDS = 60
# A page asks for more as soon as it has shown what came.
QUIET_SECONDS = 0.7
# What is still loaded, and what still moves.
UNSETTLED = ".ant-skeleton, .ant-spin, [class*='-appear'], [class*='-enter'], [class*='-leave']"


@dataclass(frozen=True)
class Studio:
    """A running Kehu, its people, and the moment that all pages take for now."""

    gateway_url: str
    staff: Staff
    now: datetime

    def take(
        self,
        scenes: Iterable[Scene],
        language: str,
        folder: Path,
        report: Report,
    ) -> None:
        """Take the pictures of one language into a folder."""
        folder.mkdir(parents=True, exist_ok=True)
        with chromium.launched() as browser:
            subjects = self._subjects(browser)
            for number, scene in enumerate(scenes, start=1):
                png = self._shoot(browser, scene, language, subjects)
                # Without loss, in a third of the bytes of a PNG.
                picture = Image.open(BytesIO(png)).convert("RGB")
                picture.save(folder / f"{scene.name}.webp", lossless=True, method=6)
                report(number)

    def _shoot(
        self, browser: Browser, scene: Scene, language: str, subjects: Mapping[str, str]
    ) -> bytes:
        window = self._window(browser, scene.role, language, phone=scene.phone)
        try:
            page = window.new_page()
            if not scene.phone:
                page.set_viewport_size({"width": WIDTH, "height": scene.height})
            page.clock.set_fixed_time(self.now)
            traffic = _Traffic(page)
            page.goto(scene.path.format(**subjects))
            traffic.settle()
            if scene.act:
                scene.act(page)
                traffic.settle()
            return page.screenshot(animations="disabled", caret="hide")
        finally:
            window.close()

    def _window(
        self, browser: Browser, role: str, language: str, *, phone: bool = False
    ) -> BrowserContext:
        """Open a window in which the first person of this role is signed in."""
        window = browser.new_context(
            base_url=self.gateway_url,
            locale=chromium.LOCALES[language],
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            **(PHONE if phone else {}),
        )
        window.set_default_timeout(PATIENCE_SECONDS * 1000)
        post = next(iter(self.staff.crew.of(role)))
        person = self.staff.people[post.name]
        answer = window.request.post(
            "/api/v1/auth/session",
            data={"username": person.username, "password": person.password},
            headers={"Origin": self.gateway_url, "X-Kehu-Console": "1"},
        )
        if not answer.ok:
            raise click.ClickException(f"{post.name} cannot sign in: {answer.text()}")
        return window

    def _subjects(self, browser: Browser) -> dict[str, str]:
        window = self._window(browser, "executive", "zh")
        found = {}
        for name, path in SUBJECTS.items():
            answer = window.request.get(path, headers={"Sec-Fetch-Site": "same-origin"})
            items = answer.json()["items"] if answer.ok else []
            if not items:
                raise click.ClickException(f"no {name} was found: {path} {answer.status}")
            found[name] = items[0]["id"]
        window.close()
        return found


class _Traffic:
    """The requests of a page that are under way, and since when there is none."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._open: set[Request] = set()
        self._quiet_since = time.monotonic()
        page.on("request", self._began)
        page.on("requestfinished", self._ended)
        page.on("requestfailed", self._ended)

    def settle(self) -> None:
        """Wait until the page has loaded and shown everything, and nothing moves."""
        page = self._page
        page.locator("h1").first.wait_for()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self._open or time.monotonic() - self._quiet_since < QUIET_SECONDS:
            if time.monotonic() > deadline:
                raise click.ClickException(f"{page.url} does not come to rest")
            page.wait_for_timeout(50)
        page.wait_for_function(
            "found => document.querySelectorAll(found).length === 0", arg=UNSETTLED
        )
        page.evaluate("document.fonts.ready.then(() => true)")

    def _began(self, request: Request) -> None:
        self._open.add(request)

    def _ended(self, request: Request) -> None:
        self._open.discard(request)
        self._quiet_since = time.monotonic()
