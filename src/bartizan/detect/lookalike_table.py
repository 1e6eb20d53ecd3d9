"""Letters and digits that look like an ASCII letter or digit.

Source: ``confusables.txt`` of Unicode Technical Standard #39 (the copy in the package
confusable_homoglyphs 3.3.1, ``confusables.json``), under the Unicode License v3. Copyright
1991 to now, Unicode, Inc., https://www.unicode.org/license.txt. Taken were characters of the
scripts below up to U+FFFF whose look-alike is one ASCII letter or digit and that NFKC leaves as
they are; of several look-alikes the first. Hexadecimal code point, then the ASCII character.
"""

from collections.abc import Mapping

TABLE: Mapping[str, str] = {
    "armenian": ("054DU 054FS 0555O 0561w 0563q 0566q 0570h 0578n 057Cn 057Du 0581g 0584f 0585o"),
    "cherokee": (
        "13A0D 13A1R 13A2T 13A5i 13A9Y 13AAA 13ABJ 13ACE 13B3W 13B7M 13BBH 13BDY 13C0G 13C2h "
        "13C3Z 13CE4 13CFb 13D2R 13D4W 13D5S 13D9V 13DAS 13DEL 13DFC 13E2P 13E6K 13E7d 13EE6 "
        "13F3G 13F4B AB75i AB81r AB83w AB93z ABA9v ABAAs ABAFc"
    ),
    "coptic": (
        "03E82 2C85r 2C8EH 2C92l 2C94K 2C98M 2C9AN 2C9EO 2C9Fo 2CA2P 2CA3p 2CA4C 2CA5c 2CA6T "
        "2CA8Y 2CACX 2CCA9 2CCC3 2CD0L 2CD26"
    ),
    "cyrillic": (
        "0405S 0406l 0408J 0410A 0412B 0415E 04173 041AK 041CM 041DH 041EO 0420P 0421C 0422T "
        "0423Y 0425X 042Cb 0430a 04316 0433r 0435e 043Eo 0440p 0441c 0443y 0445x 0455s 0456i "
        "0458j 0461w 0474V 0475v 04AEY 04AFy 04BBh 04BDe 04C0l 04CFi 04E03 0501d 050CG 051Bq "
        "051CW 051Dw A6442 A647i"
    ),
    "digits": (
        "06F1l 06F5o 06F7V 0966o 09E6O 09EA8 09ED9 0A66o 0A679 0A6A8 0AE6o 0B66O 0B689 0BE6o "
        "0C66o 0CE6o 0D66o 0D6D9 0E50o 0ED0o 1040o"
    ),
    "greek": (
        "037FJ 0391A 0392B 0395E 0396Z 0397H 0399l 039AK 039CM 039DN 039FO 03A1P 03A4T 03A5Y "
        "03A7X 03B1a 03B3y 03B9i 03BDv 03BFo 03C1p 03C3o 03C5u 03DCF 03F3j 03FAM 1D26r"
    ),
    "latin": (
        "0131i 0184b 018Dg 0196l 01A6R 01A72 01B73 01BC5 01BDs 01C0l 021C3 02228 02238 0251a "
        "0261g 0263y 0269i 026Ai 026Fw 028Bu 028Fy 1D04c 1D0Fo 1D11o 1D1Cu 1D20v 1D21w 1D22z "
        "1D83g 1D8Cy 1E9Df 1EFFy A731s A75A2 A76A3 A76E9 A798F A799f A79Fu A7AB3 A7B2J A7B3X "
        "A7B4B AB32e AB35f AB3Do AB47r AB48r AB4Eu AB52u AB5Ay"
    ),
}
"""Script -> pairs."""

LOOKALIKES: Mapping[int, str] = {
    int(pair[:4], 16): pair[4:] for pairs in TABLE.values() for pair in pairs.split()
}
"""Code point -> ASCII character, as `str.translate` takes it."""
