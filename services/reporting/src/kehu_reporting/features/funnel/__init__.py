"""The sales funnel 销售漏斗 (E5): opportunities by stage, conversion, time in stage."""
