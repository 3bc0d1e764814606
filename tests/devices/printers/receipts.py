"""A receipt with everything on it that a printer may stumble over."""

from __future__ import annotations

from domain.receipt import Code, Pair, Receipt, Rule, Style, Text

LINK = "HTTPS://BILLS.RIVERSIDE.EXAMPLE/R1/MNQXG4TFNVSWEZJ2GAYTCMZQGA"


def receipt() -> Receipt:
    blocks = (
        Text("Riverside Community Hospital", Style.CENTRED),
        Rule(),
        Text("Recibo de pago", Style.LARGE),
        Pair("Pagado", "$125.50", Style.LARGE),
        Pair("Tarjeta", "Visa terminada en 4242"),
        Pair("Por pagar", "$191.20", Style.STRONG),
        Text("¡Gracias! Año, niño, corazón. ÁÉÍÓÚ áéíóú ñÑ ü ¿? €"),
        Pair("王小明", "أمينة الحسن"),
        Text("Nguyễn Thị Hồng", Style.STRONG),
        Code(LINK),
    )
    return Receipt("MNQXG4TFNVSWEZJ2GAYTCMZQGA", blocks)
