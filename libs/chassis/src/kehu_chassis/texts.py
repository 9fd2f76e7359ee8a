"""Texts for people, in both languages: sentences of error codes and labels of values.

Each feature has its own in ``texts.py``; those shared by a service's features are beside
``app.py``::

    TEXTS = Texts(
        problems={"too-late": ("It is {hour} o'clock.", "现在是 {hour} 点。")},
        labels={
            "record": {"note": ("note", "笔记")},
            "note.state": {"archived": ("archived", "已归档")},
            "field": {"note_id": ("Note", "笔记"), "Topic.title": ("Subject", "主题")},
            "permission": {"note:read": ("View notes", "查看笔记")},
        },
    )

A label is looked up in its context, so "open" may have different labels for a note and a topic.
:func:`kehu_chassis.problems.wrong_state` uses the contexts ``record`` and ``<record>.state``.
The contexts ``field`` and ``permission`` label what the API's document mentions; a field may have
another label in one schema. An enumeration has the labels of the context that knows all its codes
(:meth:`Texts.of_codes`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from string import Formatter
from typing import Any

from werkzeug.http import parse_accept_header

from kehu_chassis.vocabulary import LABELS

LANGUAGES = ("en", "zh")
Text = tuple[str, str]  # in the order of the languages
_ENDS: dict[str, Text] = {"_from": (", from", "（起）"), "_to": (", to", "（止）")}


@dataclass(frozen=True)
class Texts:
    """``problems`` are sentences by error code, ``labels`` are names by context and value."""

    problems: Mapping[str, Text] = field(default_factory=dict)
    labels: Mapping[str, Mapping[Any, Text]] = field(default_factory=dict)

    def problem(self, code: str, params: Mapping[str, Any], language: str) -> str:
        """The sentence of an error code, with its parameters; the code itself if it has none."""
        if code not in self.problems:
            return code
        sentence = self.problems[code][LANGUAGES.index(language)]
        try:
            return filled(sentence, {name: self._shown(name, params, language) for name in params})
        except (KeyError, IndexError):
            return sentence

    def label(self, context: str, value: Any, language: str) -> str:
        """The label of a value; the value itself if it has none."""
        text = self.labels.get(context, {}).get(value)
        return text[LANGUAGES.index(language)] if text else str(value)

    def field(self, name: str, schema: str = "") -> Text | None:
        """The label of a field, in one schema or in all; the ends of ranges have composed ones, and
        a name has that of the id beside it."""
        labels = self.labels.get("field", {})
        found = labels.get(f"{schema}.{name}") or labels.get(name)
        for suffix, (english, chinese) in _ENDS.items():
            if found is None and name.endswith(suffix):
                base = self.field(name.removesuffix(suffix), schema)
                return base and (f"{base[0]}{english}", f"{base[1]}{chinese}")
        if found is None and name.endswith("_name"):
            stem = name.removesuffix("_name")
            found = self.field(f"{stem}_id", schema) or self.field(stem, schema)
        return found

    def of_codes(self, codes: Iterable[Any], name: str = "") -> dict[Any, Text] | None:
        """The labels of an enumeration's codes; None unless one context clearly knows them all.

        The one with the fewest others is taken, among equals that which ends with the field's
        ``name``. What names fields, such as sort keys, has the labels of the fields.
        """
        wanted = list(codes)
        found = [
            (len(labels), not context.endswith(f".{name}"), {code: labels[code] for code in wanted})
            for context, labels in self.labels.items()
            if context != "field" and all(code in labels for code in wanted)
        ]
        if not found:
            return self._of_fields(wanted)
        best = min(rank for *rank, _ in found)
        texts = [labels for *rank, labels in found if rank == best]
        return texts[0] if all(labels == texts[0] for labels in texts) else None

    def _of_fields(self, codes: list[Any]) -> dict[Any, Text] | None:
        found: dict[Any, Text] = {}
        for code in codes:
            label = self.field(str(code).removeprefix("-"))
            if label is None:
                return None
            down = str(code).startswith("-")
            found[code] = (f"{label[0]}, descending", f"{label[1]}（降序）") if down else label
        return found

    def _shown(self, name: str, params: Mapping[str, Any], language: str) -> Any:
        """The label of a parameter in the context of its name or, for a state, of its record; a
        number without label is itself."""
        value = params[name]
        if isinstance(value, list):
            return ", ".join(map(str, value))
        if isinstance(value, int) and value not in self.labels.get(name, {}):
            return value
        record = params.get("record")
        return self.label(f"{record}.state" if name == "state" else name, value, language)


class _Sentence(Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        one, separator, many = format_spec.partition("|")
        if not separator:
            return str(super().format_field(value, format_spec))
        return counted(value, one, many)


def counted(count: int, one: str, many: str = "") -> str:
    """``1 event`` or ``2 events``; ``many`` where an s at the end of ``one`` is not enough."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def filled(sentence: str, values: Mapping[str, Any]) -> str:
    """A sentence with values in it; ``{days:day|days}`` becomes "1 day" or "2 days".

    Raises KeyError for a missing value, unless ``values`` supplies it.
    """
    return _Sentence().vformat(sentence, (), values)


def merged(parts: Iterable[Texts]) -> Texts:
    """All texts as one; ValueError if two parts define the same key or a text lacks a language."""
    problems: dict[str, Text] = {}
    labels: dict[str, dict[Any, Text]] = {}
    for part in parts:
        _add(problems, part.problems, "problem")
        for context, names in part.labels.items():
            _add(labels.setdefault(context, {}), names, context)
    return Texts(problems, labels)


def _add(known: dict[Any, Text], texts: Mapping[Any, Text], context: str) -> None:
    for key, text in texts.items():
        if key in known:
            raise ValueError(f"{context} {key!r} has two texts")
        if len(text) != len(LANGUAGES) or not all(text):
            raise ValueError(f"{context} {key!r} lacks a language")
        known[key] = text


def language_of(accept_language: str | None, own: str | None = None) -> str:
    """``zh`` or ``en``: whichever the Accept-Language header prefers; if neither, the caller's own
    language, and ``en`` if it is unknown."""
    for tag, weight in parse_accept_header(accept_language):
        # Not best_match: for "zh-CN, en;q=0.5" it returns en, the only exact match.
        language = tag.partition("-")[0].lower()
        if weight and language in LANGUAGES:
            return language
    return own if own in LANGUAGES else LANGUAGES[0]


# Parameters named after a context, such as {type}, are shown by their label.
TEXTS = Texts(
    problems={
        "unauthenticated": ("Sign in first.", "请先登录。"),
        "invalid-token": (
            "The access token is not valid. Sign in again.",
            "访问令牌无效，请重新登录。",
        ),
        "session-ended": ("This session has ended. Sign in again.", "会话已结束，请重新登录。"),
        "password-change-required": (
            "Change your password before you do anything else.",
            "请先修改密码。",
        ),
        "forbidden": (
            "You may not do this. It needs the permission “{permission}”.",
            "您没有权限：需要“{permission}”权限。",
        ),
        "not-found": (
            "This does not exist, or you may not see it.",
            "内容不存在，或您无权查看。",
        ),
        "method-not-allowed": (
            "This address does not support {method}.",
            "此地址不支持 {method} 方法。",
        ),
        "bad-request": ("The request could not be read.", "无法读取请求。"),
        "invalid-json": ("The request body is not valid JSON.", "请求正文不是有效的 JSON。"),
        "unsupported-media-type": (
            "Send the request body as application/json.",
            "请以 application/json 格式发送请求正文。",
        ),
        "not-acceptable": (
            "This address returns no format that you accept.",
            "无法以您接受的格式返回内容。",
        ),
        "validation-failed": (
            "Some fields are not valid. See errors.",
            "部分字段无效，详见 errors。",
        ),
        "payload-too-large": (
            "The request body is larger than {limit:byte|bytes}.",
            "请求正文超过 {limit} 字节。",
        ),
        "request-timeout": (
            "The request did not arrive in time.",
            "请求未能及时到达。",
        ),
        "server-busy": (
            "The server is busy at the moment. Try again shortly.",
            "服务器当前繁忙，请稍后重试。",
        ),
        "uri-too-long": ("The address is too long.", "地址过长。"),
        "headers-too-large": ("The request headers are too large.", "请求头过大。"),
        "not-implemented": ("This kind of request is not supported.", "不支持此类请求。"),
        "ambiguous-path": (
            "The path contains encoded slashes, empty segments or dot segments.",
            "路径含有编码的斜杠、空段或点段。",
        ),
        "invalid-cursor": (
            "The cursor does not belong to this filter and sort order.",
            "游标与当前的筛选和排序不符。",
        ),
        "required": ("This field is required.", "此项必填。"),
        "null": ("This field may not be null.", "此项不能为 null。"),
        "unknown-field": ("There is no such field.", "没有此字段。"),
        "wrong-type": ("This must be {type}.", "此项必须是{type}。"),
        "too-long": ("The length may be at most {max}.", "长度不能超过 {max}。"),
        "too-short": ("The length must be at least {min}.", "长度不能少于 {min}。"),
        "wrong-length": ("The length must be {min} to {max}.", "长度必须在 {min} 到 {max} 之间。"),
        "not-a-choice": ("This must be one of: {choices}.", "此项必须是以下之一：{choices}。"),
        "out-of-range": (
            "This must be between {min} and {max}.",
            "此项必须在 {min} 到 {max} 之间。",
        ),
        "too-small": ("This must be at least {min}.", "此项不能小于 {min}。"),
        "too-large": ("This may be at most {max}.", "此项不能大于 {max}。"),
        "too-precise": ("This may have at most {max:decimal|decimals}.", "最多 {max} 位小数。"),
        "export-too-large": (
            "The list has more than {limit:row|rows}. Narrow the filters.",
            "列表超过 {limit} 行，请缩小筛选范围。",
        ),
        "export-too-slow": (
            "The file would take too long to write. Narrow the filters.",
            "生成文件耗时过长，请缩小筛选范围。",
        ),
        "export-running": (
            "Another export is running. Try again shortly.",
            "正在生成其他导出文件，请稍后重试。",
        ),
        "amount-spelling": (
            "Write the amount in plain digits with a point before the decimals, such as 1250.00.",
            "金额只能写数字，小数点用“.”，例如 1250.00。",
        ),
        "unknown-currency": (
            "{currency} is no currency by ISO 4217.",
            "{currency} 不是 ISO 4217 货币代码。",
        ),
        "given-twice": ("Give this parameter only once.", "此参数只能出现一次。"),
        "unstorable-text": (
            "This may not contain NUL characters, lone surrogates or deep nesting.",
            "不能含有 NUL 字符、孤立的代理字符或过深的嵌套。",
        ),
        "invalid": ("This is not valid.", "此项无效。"),
        "unknown-reference": (
            "{field} refers to a record that does not exist.",
            "“{field}”指向的记录不存在。",
        ),
        "precondition-required": (
            "Send If-Match with the ETag of the version that you changed.",
            "请在 If-Match 中附上所修改版本的 ETag。",
        ),
        "stale-version": (
            "Somebody else has changed this record. Load it again.",
            "记录已被他人修改，请重新载入。",
        ),
        "idempotency-key-reused": (
            "Another request has already used this Idempotency-Key.",
            "该 Idempotency-Key 已用于其他请求。",
        ),
        "idempotency-key-running": (
            "The first request with this Idempotency-Key is still running.",
            "使用该 Idempotency-Key 的首个请求仍在处理。",
        ),
        "conflict": ("This conflicts with existing data.", "与已有数据冲突。"),
        "wrong-state": (
            "This is not possible while the {record} is {state}.",
            "{record}处于“{state}”状态时不能执行此操作。",
        ),
        "too-many-requests": (
            "Too many attempts. Wait {seconds:second|seconds}.",
            "尝试过于频繁，请等待 {seconds} 秒。",
        ),
        "dependency-down": (
            "This is not possible at the moment, as {dependency} cannot be reached."
            " Try again shortly.",
            "{dependency}暂时不可用，请稍后重试。",
        ),
        "upstream-invalid": (
            "{service} returned an invalid response.",
            "{service} 返回了无效的响应。",
        ),
        "upstream-timeout": ("{service} did not respond in time.", "{service} 未能及时响应。"),
        "internal-error": (
            "Something went wrong on our side. Quote the request id when you report it.",
            "服务器内部错误，报告时请附上请求编号。",
        ),
    },
    labels={
        **LABELS,
        "actor": {"system": ("the system", "系统")},
        "dependency": {
            "the database": ("the database", "数据库"),
            "auth": ("the auth service", "认证服务"),
            "sign-in": ("sign-in", "登录服务"),
        },
        # Why an event could not be handled, `failures.CODES`.
        "dead-letter.code": {
            "contract-violated": (
                "The event violates its contract. Its producer has to publish a corrected one.",
                "事件不符合契约，须由发布方发布更正后的事件。",
            ),
            "unknown-type": (
                "No release in use here knows this type of event.",
                "当前版本不识别此类事件。",
            ),
            "wrong-route": (
                "The event did not come through the exchange and routing key of its type.",
                "事件未经由其类型对应的交换机和路由键到达。",
            ),
            "wrong-publisher": (
                "The event was not published with its producer's login to the broker (user_id).",
                "事件不是以其发布方的消息代理账号（user_id）发布的。",
            ),
            "wrong-source": (
                "The source of the event does not name its producer.",
                "事件的 source 与其发布方不符。",
            ),
            "reused-id": (
                "Another event from the same source already has this id.",
                "同一 source 的另一事件已使用该 id。",
            ),
            "handler-failed": (
                "The event is valid, but could not be processed. Fix the cause, then replay it.",
                "事件有效，但处理失败；请排除原因后重放。",
            ),
            "consumer-ended": (
                "The process ended while it handled the event.",
                "处理该事件时进程意外结束。",
            ),
            "deferred": ("The event waits for its first attempt.", "事件正在等待首次处理。"),
        },
        "type": {
            "string": ("text", "文本"),
            "integer": ("a whole number", "整数"),
            "number": ("a number", "数字"),
            "boolean": ("true or false", "true 或 false"),
            "date": ("a date like 2007-12-13", "日期，例如 2007-12-13"),
            "datetime": ("a date and time with its offset from UTC", "带 UTC 偏移的日期和时间"),
            "UUID": ("an id", "标识（UUID）"),
            "list": ("a list", "列表"),
            "object": ("an object", "对象"),
            "email address": ("an e-mail address", "电子邮件地址"),
        },
    },
)
