"""The words of notifications, in both languages.  Pure: no framework here."""

from collections.abc import Mapping
from typing import Any

# code: (English title, English body, Chinese title, Chinese body)
_TEXTS: dict[str, tuple[str, str, str, str]] = {
    "opportunity-assigned": (
        "An opportunity was assigned to you",
        "{number} {customer_name}: {summary}",
        "您有新分配的销售机会",
        "{number} {customer_name}：{summary}",
    ),
    "opportunity-reassigned": (
        "An opportunity was given to somebody else",
        "{number} {customer_name}: {summary}",
        "您的销售机会已转给他人",
        "{number} {customer_name}：{summary}",
    ),
    "request-assigned": (
        "A service request was assigned to you",
        "{number} {customer_name}: {summary}",
        "您有新分配的服务请求",
        "{number} {customer_name}：{summary}",
    ),
    "request-reopened": (
        "The customer is not satisfied: handle the request again",
        "{number} {customer_name}: {summary} (satisfaction {satisfaction}, round {round})",
        "客户不满意，请重新处理服务请求",
        "{number} {customer_name}：{summary}（满意度 {satisfaction}，第 {round} 轮）",
    ),
    "request-in-another-round": (
        "A service request goes into another round",
        "{number} {customer_name}: {summary} (satisfaction {satisfaction}, round {round})",
        "服务请求需再次处理",
        "{number} {customer_name}：{summary}（满意度 {satisfaction}，第 {round} 轮）",
    ),
    "churn-warned": (
        "A customer may be lost",
        "{customer_number} {customer_name}: no order since {last_order_on}",
        "客户流失预警",
        "{customer_number} {customer_name}：自 {last_order_on} 起没有订单",
    ),
    "churn-warned-never-ordered": (
        "A customer may be lost",
        "{customer_number} {customer_name} has never ordered",
        "客户流失预警",
        "{customer_number} {customer_name}：从未下单",
    ),
    "churn-warned-unmanaged": (
        "Customers without a manager may be lost",
        "{count} new churn warnings of customers without a manager",
        "无客户经理的客户流失预警",
        "{count} 个无客户经理的客户新增流失预警",
    ),
    "churn-unattended": (
        "A churn warning is unattended",
        "{customer_number} {customer_name}: no measure since the warning of {opened_on}",
        "流失预警无人处理",
        "{customer_number} {customer_name}：{opened_on} 预警后尚无措施",
    ),
    "customer-lost": (
        "A customer was lost",
        "{customer_number} {customer_name}: {reason}",
        "客户已确认流失",
        "{customer_number} {customer_name}：{reason}",
    ),
    "notice-opportunity-won-for-managed-customer": (
        "An opportunity was won for a customer whom somebody else manages",
        "{customer_number} {customer_name}: opportunity {opportunity_number}",
        "他人赢得了由其他客户经理负责的客户的机会",
        "{customer_number} {customer_name}：销售机会 {opportunity_number}",
    ),
    "notice-churn-review-due": (
        "A reprieved churn warning is due for review",
        "{customer_number} {customer_name}: review on {next_review_on}",
        "暂缓流失的客户需复查",
        "{customer_number} {customer_name}：复查日期 {next_review_on}",
    ),
    "customer-notice": (
        "A notice about a customer",
        "{customer_number} {customer_name}: {kind}",
        "客户提醒",
        "{customer_number} {customer_name}：{kind}",
    ),
}
CODES = tuple(sorted(_TEXTS))


def code_of_notice(kind: str) -> str:
    """The code of a notice that the customer service raised; a general one for a kind that has no
    words here yet."""
    code = f"notice-{kind}"
    return code if code in _TEXTS else "customer-notice"


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


def render(code: str, params: Mapping[str, Any], count: int, language: str) -> tuple[str, str]:
    """Title and body of a notification in ``zh`` or ``en``; what is not known shows as a dash."""
    texts = _TEXTS.get(code)
    if texts is None:
        return code, ""
    title, body = texts[2:] if language == "zh" else texts[:2]
    known = {name: value for name, value in params.items() if value is not None}
    values = _Blank(known | {"count": count})
    return title.format_map(values), body.format_map(values)
