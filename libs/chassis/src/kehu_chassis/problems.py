"""Errors as ``application/problem+json`` (RFC 9457), in the caller's language.

One exception, :class:`Problem`, is raised anywhere below an HTTP edge; the edge turns it into a
response.  ``code`` is the stable, machine-readable name of the error and decides its ``type``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from werkzeug.http import parse_accept_header

CONTENT_TYPE = "application/problem+json"

LANGUAGES = ("en", "zh")

# Every code that the chassis itself raises, with its text in both languages.  Services add their
# own texts with `register_texts`; a code without a text falls back to the English `detail` given.
# The names of what `_NAMED` parameters speak of stand here too.
_TEXTS: dict[str, tuple[str, str]] = {
    "unauthenticated": ("Sign in first.", "请先登录。"),
    "invalid-token": (
        "The access token is not valid: sign in again.",
        "访问令牌无效，请重新登录。",
    ),
    "session-ended": ("This session has ended: sign in again.", "会话已结束，请重新登录。"),
    "password-change-required": (
        "Change your password before doing anything else.",
        "请先修改密码。",
    ),
    "forbidden": ("You may not do this: it needs {permission}.", "您没有权限：需要 {permission}。"),
    "not-found": ("There is nothing here that you may see.", "找不到您可以查看的内容。"),
    "method-not-allowed": ("This address does not take {method}.", "此地址不支持 {method}。"),
    "bad-request": ("The request could not be read.", "无法读取请求。"),
    "invalid-json": ("The body is not valid JSON.", "请求正文不是有效的 JSON。"),
    "unsupported-media-type": (
        "Send the body as application/json.",
        "请以 application/json 发送。",
    ),
    "not-acceptable": ("No offered representation is acceptable.", "没有可接受的表示形式。"),
    "validation-failed": ("Some fields are not valid; see errors.", "部分字段无效，见 errors。"),
    "payload-too-large": ("The body is larger than {limit} bytes.", "请求正文超过 {limit} 字节。"),
    "uri-too-long": ("The address is too long.", "地址过长。"),
    "ambiguous-path": (
        "The path holds encoded slashes, empty or dot segments.",
        "路径含有编码的斜杠、空段或点段。",
    ),
    "invalid-cursor": (
        "The cursor does not belong to this filter and sort order.",
        "游标与当前筛选和排序不符。",
    ),
    "required": ("This field is required.", "此项必填。"),
    "null": ("This field may not be null.", "此项不能为 null。"),
    "unknown-field": ("There is no such field.", "没有此字段。"),
    "wrong-type": ("This must be {type}.", "此项必须是{type}。"),
    "too-long": ("The length may be at most {max}.", "长度不能超过 {max}。"),
    "too-short": ("The length must be at least {min}.", "长度不能少于 {min}。"),
    "wrong-length": ("The length must be {min} to {max}.", "长度必须在 {min} 到 {max} 之间。"),
    "not-a-choice": ("This must be one of: {choices}.", "此项必须是以下之一：{choices}。"),
    "out-of-range": ("This must be between {min} and {max}.", "此项必须在 {min} 到 {max} 之间。"),
    "too-small": ("This must be at least {min}.", "此项不能小于 {min}。"),
    "too-large": ("This may be at most {max}.", "此项不能大于 {max}。"),
    "too-precise": ("At most {max} decimals.", "最多 {max} 位小数。"),
    "given-twice": ("Give this parameter once.", "此参数只能出现一次。"),
    "unstorable-text": (
        "No NUL characters, no lone surrogates, no deep nesting.",
        "不能含有 NUL 字符、孤立的代理字符或过深的嵌套。",
    ),
    "invalid": ("This is not valid.", "此项无效。"),
    "unknown-reference": ("{field} names nothing that exists.", "{field} 指向的记录不存在。"),
    "precondition-required": (
        "Send If-Match with the ETag of the version you changed.",
        "请在 If-Match 中附上所修改版本的 ETag。",
    ),
    "stale-version": (
        "Somebody changed this meanwhile: load it again.",
        "记录已被他人修改，请重新载入。",
    ),
    "idempotency-key-reused": (
        "This Idempotency-Key was used with another request.",
        "该 Idempotency-Key 已用于其他请求。",
    ),
    "idempotency-key-running": (
        "The first request with this Idempotency-Key is still running.",
        "使用该 Idempotency-Key 的首个请求仍在处理。",
    ),
    "conflict": ("This conflicts with what is already there.", "与已有数据冲突。"),
    "wrong-state": (
        "Not possible while the {record} is {state}.",
        "{record}处于“{state}”状态时不能执行此操作。",
    ),
    "too-many-requests": (
        "Too many attempts: wait {seconds} s.",
        "尝试过于频繁，请等待 {seconds} 秒。",
    ),
    "dependency-down": (
        "Not possible at the moment, as {dependency} cannot be reached: try again shortly.",
        "{dependency}暂时不可用，请稍后重试。",
    ),
    "the database": ("the database", "数据库"),
    "auth": ("the auth service", "认证服务"),
    "sign-in": ("sign-in", "登录服务"),
    "string": ("text", "文本"),
    "integer": ("a whole number", "整数"),
    "number": ("a number", "数字"),
    "boolean": ("true or false", "true 或 false"),
    "date": ("a day like 2007-12-13", "日期，例如 2007-12-13"),
    "datetime": ("a moment with its offset from UTC", "带 UTC 偏移的时间"),
    "UUID": ("an id", "标识（UUID）"),
    "list": ("a list", "列表"),
    "object": ("an object", "对象"),
    "email address": ("an e-mail address", "电子邮件地址"),
    "upstream-invalid": (
        "{service} gave an answer that makes no sense.",
        "{service} 返回了无效的响应。",
    ),
    "upstream-timeout": ("{service} did not answer in time.", "{service} 未能及时响应。"),
    "internal-error": (
        "Something went wrong on our side; quote the request id when you report it.",
        "服务器内部错误，报告时请附上请求编号。",
    ),
}


# Parameters that name a thing by its code, and are spoken of in the caller's language.
_NAMED = ("record", "state", "dependency", "type")


def register_texts(texts: Mapping[str, tuple[str, str]]) -> None:
    """Add a service's own codes, records and states: ``{code: (english, chinese)}``."""
    _TEXTS.update(texts)


def language_of(accept_language: str | None) -> str:
    """``zh`` or ``en``: which of them the Accept-Language header prefers; ``en`` if neither."""
    for tag, weight in parse_accept_header(accept_language):
        # Not best_match: for "zh-CN, en;q=0.5" that finds en, which is there to the letter.
        language = tag.partition("-")[0].lower()
        if weight and language in LANGUAGES:
            return language
    return LANGUAGES[0]


def text_of(code: str, params: Mapping[str, Any], language: str, fallback: str = "") -> str:
    """The human sentence for a code, or the fallback when the code has none."""
    text = _in(language, code)
    if text is None:
        return fallback or code
    try:
        return text.format(**{name: _said(name, params[name], language) for name in params})
    except (KeyError, IndexError):
        return text


def _in(language: str, code: str) -> str | None:
    texts = _TEXTS.get(code)
    return texts[LANGUAGES.index(language)] if texts else None


def _said(name: str, value: Any, language: str) -> Any:
    if name in _NAMED:
        return _in(language, value) or value
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def field_error(pointer: str, code: str, **params: Any) -> dict[str, Any]:
    """One entry of ``errors``: which field (JSON pointer), which code, which parameters."""
    return {"pointer": pointer, "code": str(code), "params": params}


class Problem(Exception):
    """An answer other than success, raised by whoever finds the reason.

    ``status`` is the HTTP status, ``code`` the stable name, ``params`` the values its sentence
    needs, ``errors`` the single fields at fault (see :func:`field_error`), ``headers`` extra
    response headers such as Retry-After.
    """

    def __init__(
        self,
        status: int,
        code: str,
        *,
        detail: str = "",
        params: Mapping[str, Any] | None = None,
        errors: Sequence[Mapping[str, Any]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail or code)
        self.status = status
        self.code = code
        self.detail = detail
        self.params = dict(params or {})
        self.errors = [dict(error) for error in errors]
        self.headers = dict(headers or {})

    def document(self, *, language: str = "en", request_id: str | None = None) -> dict[str, Any]:
        """The problem document as a dictionary."""
        document: dict[str, Any] = {
            "type": f"urn:kehu:problem:{self.code}",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "code": self.code,
            "params": self.params,
            "detail": text_of(self.code, self.params, language, self.detail),
        }
        if request_id:
            document["request_id"] = request_id
        if self.errors:
            document["errors"] = [
                {
                    **error,
                    "detail": text_of(error["code"], error["params"], language),
                }
                for error in self.errors
            ]
        return document

    def body(self, *, language: str = "en", request_id: str | None = None) -> bytes:
        """The problem document as JSON bytes."""
        document = self.document(language=language, request_id=request_id)
        return json.dumps(document, ensure_ascii=False).encode()


def not_found() -> Problem:
    """The same answer for a missing record and one the caller may not know about."""
    return Problem(404, "not-found")


def forbidden(permission: str) -> Problem:
    """The caller is known but lacks the permission."""
    return Problem(403, "forbidden", params={"permission": permission})


def wrong_state(record: str, state: str) -> Problem:
    """A refused state change; ``state`` is what the record is now."""
    return Problem(409, "wrong-state", params={"record": record, "state": state})


def invalid(pointer: str, code: str, **params: Any) -> Problem:
    """A 422 about one field."""
    return Problem(422, "validation-failed", errors=[field_error(pointer, code, **params)])


def unknown_reference(field: str) -> Problem:
    """A body or filter names an id that does not exist for this caller."""
    return invalid(f"/{field}", "unknown-reference", field=field)


def stale_version() -> Problem:
    """The If-Match header names another version than the stored one."""
    return Problem(412, "stale-version")


def dependency_down(dependency: str, retry_after: int = 5) -> Problem:
    """A part we need (database, auth …) cannot be reached: 503 with Retry-After, never 500."""
    return Problem(
        503,
        "dependency-down",
        params={"dependency": dependency},
        headers={"Retry-After": str(retry_after)},
    )
