"""The texts of the gateway in both languages; see kehu_chassis.texts."""

from kehu_chassis import texts

TEXTS = texts.merged(
    [
        texts.TEXTS,
        texts.Texts(
            problems={
                "bad-target": (
                    "The request target must be a path that begins with a slash.",
                    "请求目标必须是以斜杠开头的路径。",
                ),
                "cross-site-request": (
                    "This request does not come from a page of this address.",
                    "该请求并非来自本地址的页面。",
                ),
                "https-required": (
                    "Signing in with a browser needs https here. Open this address with https://.",
                    "此处须通过 https 在浏览器中登录，请以 https:// 打开本地址。",
                ),
                "service-busy": (
                    "{service} is slow at the moment and accepts no more requests."
                    " Try again shortly.",
                    "{service} 当前响应缓慢，暂不接受更多请求，请稍后重试。",
                ),
                "upstream-lost": (
                    "The connection to {service} was lost before it responded."
                    " The request may or may not have taken effect.",
                    "与 {service} 的连接在收到响应前中断，请求可能已生效，也可能未生效。",
                ),
            }
        ),
    ]
)
