"""Reading pipeline and orders files, including invalid ones and the public data sets."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner

from kehu_cli.catalogue import ROOT
from kehu_cli.cli import kehu
from kehu_cli.demo.book import DataError, name_key
from kehu_cli.demo.orders_file import read_orders
from kehu_cli.demo.pipeline_file import read_book

DATA = ROOT.parent / "shared" / "data"
HEADER = "customer_id,date,quantity,amount_usd\n"
HEAD = "opportunity_id,sales_agent,product,account,deal_stage,engage_date,close_date,close_value\n"


@pytest.fixture
def pipeline(tmp_path: Path) -> Path:
    """A pipeline file without lines, with its side tables."""
    (tmp_path / "sales_teams.csv").write_text("sales_agent,manager,regional_office\nAnn,Dan,East\n")
    (tmp_path / "accounts.csv").write_text("account,sector\nAcme,tools\n")
    (tmp_path / "products.csv").write_text("product,sales_price\nGTX Pro,4821\n")
    (tmp_path / "pipeline.csv").write_text(HEAD)
    return tmp_path / "pipeline.csv"


def test_a_won_deal_gets_the_data_of_the_side_tables(pipeline: Path) -> None:
    pipeline.write_text(f"{HEAD}X1,Ann,GTXPro,Acme,Won,2017-01-02,2017-03-04,4500\n")
    (deal,) = read_book(pipeline, currency="USD").deals
    assert (deal.region, deal.industry, deal.expected_amount) == ("East", "tools", Decimal(4821))
    assert (deal.expected_on, deal.closed_on) == (date(2017, 3, 4), date(2017, 3, 4))
    assert (deal.value, deal.currency) == (4500, "USD")


def test_required_texts_contain_the_opportunitys_id(pipeline: Path) -> None:
    pipeline.write_text(f"{HEAD}X1,Ann,GTXPro,Acme,Lost,2017-01-02,2017-03-04,0\n")
    (deal,) = read_book(pipeline, currency="USD").deals
    (step,) = deal.steps
    assert step.on == date(2017, 1, 2)
    assert step.result and deal.reason
    texts = (deal.summary, deal.description, step.content, step.result, deal.reason.text)
    assert all("X1" in text for text in texts)


def test_a_deal_that_is_not_assigned_has_no_plan(pipeline: Path) -> None:
    pipeline.write_text(f"{HEAD}X1,Ann,GTXPro,Acme,Prospecting,2017-01-02,,\n")
    assert read_book(pipeline, currency="USD").deals[0].steps == ()


def test_an_empty_account_is_named_after_the_opportunity(pipeline: Path) -> None:
    pipeline.write_text(f"{HEAD}X1,Ann,GTXPro,,Prospecting,,,\n")
    (deal,) = read_book(pipeline, currency="USD").deals
    assert deal.company == "(unknown) X1"


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (
            "X1,Bob,P,Acme,Won,2017-01-02,2017-03-04,1",
            "sales_agent must be in sales_teams.csv (line 2: 'Bob')",
        ),
        (
            "X1,Ann,P,Acme,Dreaming,,,",
            "deal_stage must be one of Prospecting, Engaging, Won, Lost (line 2: 'Dreaming')",
        ),
        ("X1,Ann,P,Acme,Won,2017-01-02,2017-03-04,", "close_value must be given for Won"),
        ("X1,Ann,P,Acme,Won,2017-01-02,2017-03-04,-1", "close_value must be from 0"),
        ("X1,Ann,P,Acme,Lost,2017-01-02,,0", "close_date must be given for Lost"),
        (
            "X1,Ann,P,Acme,Engaging,yesterday,,",
            "engage_date must be a date like 2017-03-31 (--date-format) (line 2: 'yesterday')",
        ),
        ("X1,Ann,P,Acme,Engaging,1899-12-31,,", "the year of engage_date must be 1901 to 2199"),
        (
            "X1,Ann,P,Acme,Won,2017-01-02,2017-03-04,1e30",
            "close_value must be a number like 1234.50",
        ),
        (",Ann,P,Acme,Prospecting,,,", "opportunity_id must not be empty"),
    ],
)
def test_an_invalid_line_is_reported(pipeline: Path, line: str, reason: str) -> None:
    pipeline.write_text(f"{HEAD}{line}\n")
    with pytest.raises(DataError) as error:
        read_book(pipeline, currency="USD")
    assert "line 2: " in str(error.value)
    assert reason in str(error.value)


def test_a_duplicate_opportunity_is_reported(pipeline: Path) -> None:
    pipeline.write_text(HEAD + "X1,Ann,P,Acme,Prospecting,,,\n" * 2)
    with pytest.raises(DataError, match=r"opportunity_id occurs twice \(line 3: 'X1'\)"):
        read_book(pipeline, currency="USD")


@pytest.mark.parametrize(
    ("table", "line", "reason"),
    [
        (
            "products.csv",
            "GTX Basic,cheap",
            "line 3: sales_price must be a number like 1234.50, without separators or zeros before"
            " it: 'cheap'",
        ),
        ("sales_teams.csv", "Bob,Dan,West", "line 3: Dan manages in East and West"),
        ("sales_teams.csv", "Ann,Dan,East", "line 3: Ann occurs twice"),
        ("sales_teams.csv", "Bob,,East", "line 3: a name is empty"),
        ("accounts.csv", "x" * 200_000, "field larger than field limit"),
        (
            "accounts.csv",
            "Acme",
            "1 of 2 rows do not have the 2 fields of the header: line 3 has 1",
        ),
    ],
)
def test_an_invalid_line_of_a_side_table_is_reported(
    pipeline: Path, table: str, line: str, reason: str
) -> None:
    pipeline.write_text(f"{HEAD}X1,Ann,P,Acme,Prospecting,,,\n")
    path = pipeline.with_name(table)
    path.write_text(f"{path.read_text()}{line}\n")
    with pytest.raises(DataError) as error:
        read_book(pipeline, currency="USD")
    assert table in str(error.value) and reason in str(error.value)


def test_missing_tables_and_columns_are_reported(pipeline: Path) -> None:
    pipeline.write_text("opportunity_id,sales_agent\n")
    with pytest.raises(DataError, match="the columns are missing: product, account, "):
        read_book(pipeline, currency="USD")
    pipeline.with_name("accounts.csv").unlink()
    with pytest.raises(DataError, match="accounts.csv cannot be read"):
        read_book(pipeline, currency="USD")


def test_orders_of_one_customer_and_day_are_numbered(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "customer_id,sample_id,date,quantity,amount_usd\n"
        "00004,1,1997-01-01,2,29.33\n00004,1,1997-01-01,1,0.00\n00005,2,1997-01-01,1,9.5\n"
    )
    file = read_orders(path)
    assert [order.number for order in file.orders] == [
        "00004-19970101-1",
        "00004-19970101-2",
        "00005-19970101-1",
    ]
    assert [str(order.amount) for order in file.orders] == ["29.33", "0.00", "9.50"]
    assert file.orders[0].customer == "Customer 00004"


def test_bad_lines_are_reported_and_do_not_renumber_the_good_ones(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(
        "customer_id,date,quantity,amount_usd\n"
        "1,1997-01-01,0,5\n"
        "1,1997-01-01,1,5\n"
        "1,1997-02-30,1,5\n"
        "1,1997-01-02,one,5\n"
        "1,1997-01-02,1,-5\n"
        "1,1997-01-02,1,5.001\n"
        ",1997-01-02,1,5\n"
        "1,1997-01-02,1,NaN\n"
        "1,1997-01-02,0.0000001,5\n"
        "1,1899-12-31,1,5\n"
    )
    file = read_orders(path)
    assert [order.number for order in file.orders] == ["1-19970101-2"]
    assert [bad.line for bad in file.bad_lines] == [2, 4, 5, 6, 7, 8, 9, 10, 11]
    assert file.faults[0] == "quantity must be above 0 (line 2: '0')"


def test_a_fault_of_many_lines_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(HEADER + "1,31/12/1997,1,5\n" * 400)
    like = "date must be a date like 2017-03-31 (--date-format)"
    assert read_orders(path).faults == [
        f"all 400 lines: {like} (line 2: '31/12/1997', line 3: '31/12/1997',"
        " line 4: '31/12/1997' and 397 more)"
    ]
    path.write_text(HEADER + "1,31/12/1997,1,5\n" * 2 + "1,1997-12-31,1,5\n")
    assert read_orders(path).faults[0].startswith(f"2 of 3 lines: {like}")


@pytest.mark.parametrize(
    ("date_format", "written"),
    [("%d/%m/%Y", "01/12/1997"), ("%m/%d/%y", "12/1/97"), ("%Y年%m月%d日", "1997年12月1日")],
)
def test_dates_are_read_in_the_form_that_the_user_states(
    tmp_path: Path, date_format: str, written: str
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(f"{HEADER}1,{written},1,5\n", encoding="utf-8")
    file = read_orders(path, date_format)
    assert [order.ordered_on for order in file.orders] == [date(1997, 12, 1)]


@pytest.mark.parametrize("pattern", ["%d/%m", "DD/MM/YYYY", "%Q", "", "%H:%M"])
def test_a_form_of_dates_that_states_no_whole_date_is_rejected(
    tmp_path: Path, pattern: str
) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(f"{HEADER}1,1997-12-01,1,5\n")
    result = CliRunner().invoke(kehu, ["sales", "publish", str(path), "--date-format", pattern])
    assert result.exit_code == 2
    assert "must state a day, a month and a year" in result.output


@pytest.mark.parametrize("amount", ["1,5", "1_000", "１２", "1e3", "+5", ".5", "5.", "¥5", "1 000"])
def test_an_amount_in_another_spelling_is_not_guessed(tmp_path: Path, amount: str) -> None:
    path = tmp_path / "orders.csv"
    path.write_text(f'{HEADER}1,1997-01-01,1,"{amount}"\n', encoding="utf-8")
    assert "amount_usd must be a number like 1234.50" in read_orders(path).faults[0]


def test_codes_that_differ_by_case_or_width_become_customers_of_different_names(
    tmp_path: Path,
) -> None:
    path = tmp_path / "orders.csv"
    lines = "".join(f"{code},1997-01-01,1,5\n" for code in ("a1", "A1", "Ａ1", "B1", "a1"))
    path.write_text(HEADER + lines, encoding="utf-8")
    orders = read_orders(path).orders
    names = {order.code: order.customer for order in orders}
    assert len({name_key(name) for name in names.values()}) == len(names) == 4
    assert names["B1"] == "Customer B1"
    assert {order.number for order in orders} == {
        "a1-19970101-1", "A1-19970101-1", "Ａ1-19970101-1", "B1-19970101-1", "a1-19970101-2",
    }  # fmt: skip


@pytest.mark.skipif(not DATA.is_dir(), reason="the public data sets are not beside this checkout")
def test_the_public_data_sets_are_read_completely() -> None:
    folder = DATA / "crm-sales-opportunities"
    book = read_book(folder / "sales_pipeline.csv", currency="USD")
    assert (len(book.deals), len(book.companies()), len(book.crew.agents)) == (4499, 85, 35)
    assert book.won_value() == {"USD": 5_269_619}
    file = read_orders(DATA / "cdnow" / "cdnow_sample.csv")
    assert len(file.orders) == len({order.number for order in file.orders}) == 6919
    assert file.bad_lines == ()
    assert sum(order.amount for order in file.orders) == Decimal("244091.94")
