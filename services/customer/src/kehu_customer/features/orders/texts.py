"""User-facing texts about orders."""

from kehu_chassis.texts import Texts

TEXTS = Texts(
    problems={
        "sales-code-taken": (
            "The sales code {code} belongs to another customer.",
            "销售编码 {code} 已属于其他客户。",
        ),
        "unknown-sales-code": (
            "The sales system has not announced the code {sales_code} and has no order under it.",
            "销售系统尚未发布编码 {sales_code}，也没有该编码的订单。",
        ),
    },
    labels={
        "field": {
            "contract_number": ("Contract number", "合同编号"),
            "delivery_address": ("Delivery address", "送货地址"),
            "discount": ("Discount", "折扣"),
            "first_ordered_at": ("First order at", "首次下单时间"),
            "freight": ("Freight", "运费"),
            "last_ordered_at": ("Last order at", "最近下单时间"),
            "lines": ("Lines", "订单明细"),
            "moves": ("Changes of customer", "客户变更次数"),
            "opportunity_number": ("Opportunity number", "销售机会编号"),
            "order_no": ("Order number", "订单编号"),
            "ordered_at": ("Ordered at", "下单时间"),
            "ordered_on": ("Ordered on", "下单日期"),
            "paid_amount": ("Amount paid", "已付金额"),
            "paid_at": ("Paid at", "付款时间"),
            "payment_method": ("Payment method", "付款方式"),
            "planned_payment_on": ("Payment planned on", "计划付款日期"),
            "planned_ship_on": ("Shipment planned on", "计划发货日期"),
            "profit": ("Profit", "利润"),
            "salesperson": ("Salesperson", "销售员"),
            "shipped_at": ("Shipped at", "发货时间"),
            "tax": ("Tax", "税额"),
            "total_mismatch": ("Total does not add up", "总额不符"),
            "unpaid_amount": ("Amount unpaid", "未付金额"),
            "waiting_orders": ("Waiting orders", "待关联订单数"),
            "amount": ("Amount", "金额"),
            "unit_price": ("Unit price", "单价"),
            "Order.total": ("Total", "总金额"),
            "OrderDetail.total": ("Total", "总金额"),
        },
    },
)
