"""Russian retail as it looks in an order: sellers, their products, offices, buyers' comments."""

from dataclasses import dataclass

from sandbox.dice import Dice

RUB, BYN, KZT, AMD = 643, 933, 398, 51
_RATES = {RUB: 1.0, BYN: 27.93, KZT: 0.181, AMD: 0.236}

SELLER_NAMES = (
    "ИП Соколова А. В.",
    "ООО «Северный лён»",
    "ИП Хасанов Р. Т.",
    "ООО «Домовёнок»",
    "ИП Ким Д. С.",
    "ООО «Тёплый дом»",
    "ИП Мельникова О. П.",
    "ООО «Вертикаль Трейд»",
    "ИП Абдуллаев Ш. Ф.",
    "ООО «Кедр и Ко»",
)

_KINDS = (
    ("Худи оверсайз с начёсом", "hudi-over", 249_000, 1),
    ("Джинсы прямые", "jeans-straight", 319_000, 1),
    ("Платье-миди из вискозы", "platie-midi", 279_000, 1),
    ("Термокружка 500 мл", "termo-500", 129_000, 1),
    ("Плед вязаный 150×200", "pled-150x200", 219_000, 1),
    ("Настольная лампа светодиодная", "lampa-led", 164_000, 1),
    ("Набор контейнеров, 10 шт.", "konteyner-10", 89_000, 1),
    ("Комплект постельного белья, сатин", "kpb-satin", 399_000, 1),
    ("Рюкзак городской 25 л", "ryukzak-25", 289_000, 1),
    ("Чехол для смартфона", "chehol", 39_000, 1),
    ("Кроссовки беговые", "krossy-run", 459_000, 1),
    ("Сковорода чугунная 26 см", "skovoroda-26", 239_000, 1),
    ("Гирлянда «Роса» 10 м", "girlyanda-rosa", 49_000, 1),
    ("Стеллаж металлический 5 полок", "stellazh-5", 549_000, 2),
    ("Кресло-мешок XXL", "kreslo-meshok", 429_000, 2),
    ("Матрас беспружинный 160×200", "matras-160", 1_890_000, 3),
)
_COLOURS = ("чёрный", "белый", "молочный", "графит", "изумрудный", "пудровый", "горчичный", "RAL 3017", "")
_SIZES = ("42", "44", "46", "48", "50", "S", "M", "L", "XL", "0")

OFFICES = (
    ("Коледино", 507),
    ("Подольск", 117_501),
    ("Электросталь", 120_762),
    ("Казань", 117_986),
    ("Краснодар", 130_744),
    ("Екатеринбург — Испытателей 14г", 1_733),
    ("Новосибирск", 686),
    ("Санкт-Петербург (Уткина Заводь)", 2_737),
    ("Тула", 206_348),
    ("Невинномысск", 208_277),
    ("Хабаровск", 1_193),
    ("Калуга", 123),
    ("Минск", 211_622),
    ("Алматы Атакент", 204_939),
)

_COMMENTS = (
    "Упакуйте в плёнку, пожалуйста",
    "Это подарок — без чека, если можно",
    "Размер маломерит? Если да, положите на размер больше",
    "Прошу проверить молнию перед отправкой",
    "Позвоните за час до доставки",
    "Хрупкое! Спасибо 🙏",
)


@dataclass(frozen=True, slots=True)
class Product:
    """One size of one card of a seller: what an order is made of."""

    title: str
    article: str
    nm_id: int
    chrt_id: int
    barcode: str
    colour: str
    price: int
    cargo_type: int


def title_of(article: str) -> str:
    """Return what an article of ours is called."""
    return next(title for title, stem, _, _ in _KINDS if article.startswith(f"{stem}-"))


def products(dice: Dice, count: int = 40) -> list[Product]:
    """Return a seller's assortment.

    Args:
        dice: the seller's own dice.
        count: how many products.
    """
    return [_product(dice, number) for number in range(count)]


def _product(dice: Dice, number: int) -> Product:
    title, stem, price, cargo_type = dice.one(_KINDS)
    size = dice.one(_SIZES)
    return Product(
        title=title,
        article=f"{stem}-{dice.whole(100, 9_999)}/{size}",
        nm_id=dice.whole(12_000_000, 420_000_000),
        chrt_id=dice.whole(40_000_000, 690_000_000) * 10 + number % 10,
        barcode=_ean13(dice.whole(2_000_000_000, 2_049_999_999)),
        colour=dice.one(_COLOURS),
        price=int(price * dice.between(0.7, 1.6)) // 100 * 100,
        cargo_type=cargo_type,
    )


def _ean13(number: int) -> str:
    digits = f"{number * 100 + number % 97:012d}"[:12]
    weighted = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-weighted % 10}"


def comment(dice: Dice) -> str:
    """Return a buyer's wish; nine of ten have none."""
    return dice.one(_COMMENTS) if dice.luck() < 0.1 else ""  # noqa: PLR2004 - a tenth, as the docstring says


def currency(dice: Dice) -> int:
    """Return the currency of a sale (ISO 4217 number): mostly roubles."""
    return dice.weighed(((RUB, 94), (BYN, 3), (KZT, 2), (AMD, 1)))


def in_currency(kopecks: int, code: int) -> int:
    """Return a rouble price in another currency, both times 100."""
    return max(100, round(kopecks / _RATES[code]))
