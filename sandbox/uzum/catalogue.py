"""What is sold on Uzum, by whom and to whom: shops, goods, buyers. Prices are whole sums."""

from dataclasses import dataclass

from sandbox.dice import Dice

SELLER_NAMES = (
    "«Samarqand Tekstil» MChJ",
    "YaTT Karimova N. B.",
    "«Chilonzor Elektronika» MChJ",
    "YaTT Yusupov A. A.",
    "«Oq Oltin Savdo» MChJ",
)
SHOP_NAMES = ("Atlas", "Bozor 24", "Nur Home", "TechnoPlus", "Bola Olami", "Gul Market")
CANCEL_REASONS = ("OUT_OF_STOCK", "OUTDATED_PRICE", "NOT_ENOUGH_AMOUNT", "NOT_ENOUGH_PHOTOS", "OTHER")
STOCKS = (
    (11, "Toshkent, Sergeli omborxonasi", "Toshkent sh., Sergeli tumani, Yangi Sergeli ko'chasi, 8"),
    (12, "Toshkent, Yunusobod qabul punkti", "Toshkent sh., Yunusobod tumani, 13-mavze, 24"),
    (17, "Samarqand qabul punkti", "Samarqand sh., Rudakiy ko'chasi, 112"),
)
BUYERS = (
    ("Rahimova Dilnoza", "+998 90 000-00-01", "Toshkent sh., Mirobod tumani, Nukus ko'chasi, 14"),
    ("Каримов Тимур", "+998 93 000-00-02", "Ташкент, Чиланзар, 9 квартал, 31"),
    ("Ergasheva Malika", "+998 97 000-00-03", "Buxoro sh., Bahouddin Naqshband ko'chasi, 77"),
)

# The last two cost more than 2^31 hundredths of a sum: an amount that fits no 32-bit column.
_KINDS = (
    ("Пиала керамическая, набор 6 шт.", "PIALA-6", 129_000),
    ("Atlas ko'ylak", "ATLAS-KOYLAK", 349_000),
    ("Наволочка хлопковая 50×70", "NAVOL-5070", 59_000),
    ("Qozon cho'yan 8 litr", "QOZON-8", 489_000),
    ("Детский конструктор, 320 деталей", "KONSTR-320", 219_000),
    ("Power bank 20000 mAh", "PB-20000", 259_000),
    ("Кроссовки женские", "KROSS-W", 399_000),
    ("Choynak, chinni", "CHOYNAK", 99_000),
    ("Смартфон 256 ГБ", "PHONE-256", 5_190_000),
    ("Ноутбук игровой 16 дюймов", "LAPTOP-16", 24_900_000),
    ("Televizor OLED 77", "TV-OLED-77", 39_990_000),
)
_VARIANTS = ("OQ", "QORA", "KOK", "S", "M", "L", "XL", "STD")


@dataclass(frozen=True, slots=True)
class Sku:
    """One variant of a product of a seller."""

    title: str
    code: str
    sku_id: int
    product_id: int
    barcode: str
    price: int


def skus(dice: Dice, count: int = 30) -> list[Sku]:
    """Return a seller's assortment.

    Args:
        dice: the seller's own.
        count: how many variants.
    """
    return [_sku(dice) for _ in range(count)]


def _sku(dice: Dice) -> Sku:
    title, code, price = dice.one(_KINDS)
    return Sku(
        title=title,
        code=f"{code}-{dice.one(_VARIANTS)}",
        sku_id=dice.whole(1_000_000, 9_000_000),
        product_id=dice.whole(100_000, 2_000_000),
        barcode=str(dice.whole(1_000_000_000_000, 1_000_999_999_999)),
        price=int(price * dice.between(0.8, 1.3)) // 1000 * 1000,
    )
