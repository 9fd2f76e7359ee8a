"""What a thread does with a request: calls the application, and writes its response."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Iterable
from typing import Any

from gunicorn.http import wsgi

from kehu_chassis.runtime.server.connection import Connection
from kehu_chassis.runtime.server.outlet import ClientGone, Outlet
from kehu_chassis.runtime.server.rejections import problem_of, response_of

App = Callable[..., Iterable[bytes]]

FILE_PIECE = 64 * 1024

log = logging.getLogger(__name__)


class Serving:
    """Calls one application.

    An application may have a method ``screen(environ, start_response)``.  It is called with a
    request whose body has not arrived yet, and returns None or a response that refuses the request;
    the application later gets the same environ.
    """

    def __init__(self, cfg: Any, application: App, closing: Callable[[], bool]) -> None:
        self._cfg = cfg
        self._application = application
        self._closing = closing
        self.screening: App | None = getattr(application, "screen", None)

    def screen(self, connection: Connection) -> bool:
        """Whether to wait for the body of the request; otherwise it has its response."""
        assert self.screening is not None
        return self._guard(connection, self.screening) is None

    def respond(self, connection: Connection) -> bool:
        """Write the response; return whether the connection may carry another request."""
        return bool(self._guard(connection, self._application))

    def _guard(self, connection: Connection, application: App) -> bool | None:
        try:
            return self._call(connection, application)
        except ClientGone as error:
            log.debug("the client did not take its response: %s", error)
            connection.outlet.give_up()
        except (Exception, SystemExit) as error:
            self._fail(connection, error)
        return False

    def _call(self, connection: Connection, application: App) -> bool | None:
        if connection.environ is None:
            self._create(connection)
        response, environ = connection.response, connection.environ
        assert connection.incoming is not None and environ is not None
        if application is self._application:
            _give_body(environ, bytes(connection.incoming.body))
            if self._closing():
                response.force_close()
        produced = application(environ, response.start_response)
        if produced is None:
            return None
        if application is not self._application:
            response.force_close()  # the body is still to come
        if _hand_over(produced, response, connection.outlet):
            return not response.should_close()
        try:
            for piece in produced:
                response.write(piece)
            response.close()
            connection.outlet.finish()
        finally:
            if hasattr(produced, "close"):
                produced.close()
        return not response.should_close()

    def _create(self, connection: Connection) -> None:
        assert connection.incoming is not None
        request = connection.incoming.request
        connection.outlet.begin()
        connection.response, connection.environ = wsgi.create(
            request, connection.outlet, connection.client, connection.server, self._cfg
        )
        connection.environ["wsgi.multithread"] = True
        connection.environ["wsgi.file_wrapper"] = _Pieces

    def _fail(self, connection: Connection, error: BaseException) -> None:
        response = connection.response
        log.exception("Error handling request", exc_info=error)
        if response is not None and response.headers_sent:
            # The client notices that the response ends too early.
            connection.outlet.give_up()
            return
        try:
            connection.outlet.begin()
            connection.outlet.sendall(response_of(problem_of(error)))
            connection.outlet.finish()
        except ClientGone:
            connection.outlet.give_up()


class _Pieces(wsgi.FileWrapper):  # type: ignore[misc]
    """A file in larger pieces than the 8 KiB that applications ask for."""

    def __init__(self, filelike: Any, blksize: int = FILE_PIECE) -> None:
        super().__init__(filelike, max(blksize, FILE_PIECE))


def _hand_over(produced: Iterable[bytes], response: Any, outlet: Outlet) -> bool:
    """Whether the outlet sends the whole body without this thread: that of a file."""
    if not isinstance(produced, _Pieces) or not response.response_length:
        return False
    if response.req.method == "HEAD" or response.status_code == 304:
        return False
    response.send_headers()
    return outlet.send_file(produced.filelike, response.response_length)


def _give_body(environ: dict[str, Any], body: bytes) -> None:
    environ["wsgi.input"] = io.BytesIO(body)
    if environ.pop("HTTP_TRANSFER_ENCODING", None) is not None:
        environ["CONTENT_LENGTH"] = str(len(body))
