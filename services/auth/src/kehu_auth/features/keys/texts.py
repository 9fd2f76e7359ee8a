"""User-facing texts of keys."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    labels={
        "field": {
            "alg": ("Algorithm", "算法"),
            "compromised": ("Compromised", "已泄露"),
            "crv": ("Curve", "曲线"),
            "expires_at": ("Expires at", "失效时间"),
            "keys": ("Keys", "密钥"),
            "kid": ("Key id", "密钥编号"),
            "kty": ("Key type", "密钥类型"),
            "signs_from": ("Signs from", "开始签名时间"),
            "use": ("Use", "用途"),
            "x": ("Public key", "公钥"),
        },
        "permission": {
            "key:read": ("View signing keys", "查看签名密钥"),
            "key:rotate": ("Rotate signing keys", "轮换签名密钥"),
        },
    },
)
