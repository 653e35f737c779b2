"""The languages that people speak and sign: everyday names, own names, and the codes that answers hold.

What a page is written in, what a person speaks, reads and signs are four answers. These are the first members
of the lists "spoken_languages" and "signed_languages"; a landlord adds to them.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from portal.questions import Option, as_written
from portal.questions.messages import Message, _in

SPOKEN_REGISTER = "spoken_languages"
SIGNED_REGISTER = "signed_languages"


@dataclass(frozen=True, slots=True)
class Speech:
    """One language that people speak or sign."""

    code: str
    """ISO 639-3: what answers hold."""
    tag: str
    """BCP 47, as the attribute lang has it; with a script where that would not be clear."""
    kind: Literal["spoken", "signed"]
    english: Message
    """The name in everyday use."""
    endonym: str
    """Its own name, in the script in which its speakers most likely know it."""
    aliases: tuple[str, ...] = ()
    """Other names that people give it."""
    macro: str = ""
    """The code that stands for it and others together, which nobody is asked for instead of it."""
    written: str = ""
    """The language that its own name is written in, where that is another: nobody writes a sign language."""

    @property
    def lang(self) -> str:
        """The language of its own name, as the attribute lang has it."""
        return self.written or self.tag

    @property
    def direction(self) -> str:
        """The direction of its own name: ltr or rtl."""
        first = next(letter for letter in self.endonym if letter.isalpha())
        return "rtl" if unicodedata.bidirectional(first) in ("R", "AL") else "ltr"

    @property
    def option(self) -> Option:
        """As a form offers it: the everyday name, and under it its own name where that differs."""
        other = self.endonym.casefold() != self.english.id.casefold()
        if not other:
            return Option(self.code, self.english)
        return Option(self.code, self.english, hint=as_written(self.endonym), hint_lang=self.lang)


def _spoken(
    code: str, tag: str, english: Message, endonym: str, aliases: tuple[str, ...] = (), macro: str = ""
) -> Speech:
    return Speech(code, tag, "spoken", english, endonym, aliases, macro)


def _signed(
    code: str, english: Message, endonym: str, written: str = "en", aliases: tuple[str, ...] = ()
) -> Speech:
    return Speech(code, code, "signed", english, endonym, aliases, written=written)


SPOKEN = (
    _spoken("sqi", "sq", _in("language", "Albanian"), "Shqip"),
    _spoken("amh", "am", _in("language", "Amharic"), "አማርኛ"),
    _spoken("ara", "ar", _in("language", "Arabic"), "العربية"),
    _spoken(
        "acm", "acm", _in("language", "Arabic (Iraqi)"), "العربية العراقية", ("Mesopotamian Arabic",), "ara"
    ),
    _spoken(
        "apc",
        "apc",
        _in("language", "Arabic (Levantine: Syria, Lebanon, Palestine, Jordan)"),
        "العربية الشامية",
        ("Shami", "Syrian Arabic", "Lebanese Arabic", "Palestinian Arabic", "Jordanian Arabic"),
        "ara",
    ),
    _spoken(
        "ary", "ary", _in("language", "Arabic (Moroccan)"), "الدارجة المغربية", ("Darija", "Maghrebi"), "ara"
    ),
    _spoken("apd", "apd", _in("language", "Arabic (Sudanese)"), "العربية السودانية", (), "ara"),
    _spoken("ben", "bn", _in("language", "Bengali"), "বাংলা", ("Bangla",)),
    _spoken("bul", "bg", _in("language", "Bulgarian"), "Български"),
    _spoken("yue", "yue", _in("language", "Cantonese"), "廣東話", ("Chinese", "Guangdong"), "zho"),
    _spoken("ctg", "ctg", _in("language", "Chittagonian (Chatgaya)"), "চাটগাঁইয়া", ("Chatgaiya", "Chittagong")),
    _spoken("ces", "cs", _in("language", "Czech"), "Čeština"),
    _spoken("prs", "prs", _in("language", "Dari"), "دری", ("Afghan Persian", "Farsi Dari"), "fas"),
    _spoken("fra", "fr", _in("language", "French"), "Français"),
    _spoken("guj", "gu", _in("language", "Gujarati"), "ગુજરાતી"),
    _spoken("hak", "hak", _in("language", "Hakka"), "客家話", ("Chinese", "Kejia"), "zho"),
    _spoken("haz", "haz", _in("language", "Hazaragi"), "هزارگی", ("Azaragi",)),
    _spoken("hin", "hi", _in("language", "Hindi"), "हिन्दी"),
    _spoken("nan", "nan", _in("language", "Hokkien"), "福建話", ("Chinese", "Minnan", "Fukien"), "zho"),
    _spoken("hun", "hu", _in("language", "Hungarian"), "Magyar"),
    _spoken("ita", "it", _in("language", "Italian"), "Italiano"),
    _spoken(
        "kmr", "kmr", _in("language", "Kurdish (Kurmanji)"), "Kurdî (Kurmancî)", ("Northern Kurdish",), "kur"
    ),
    _spoken("ckb", "ckb", _in("language", "Kurdish (Sorani)"), "کوردی (سۆرانی)", ("Central Kurdish",), "kur"),
    _spoken("sdh", "sdh", _in("language", "Kurdish (Southern, Feyli)"), "کوردی (فەیلی)", ("Kalhori",), "kur"),
    _spoken("lav", "lv", _in("language", "Latvian"), "Latviešu"),
    _spoken("lin", "ln", _in("language", "Lingala"), "Lingála"),
    _spoken("lit", "lt", _in("language", "Lithuanian"), "Lietuvių"),
    _spoken("mal", "ml", _in("language", "Malayalam"), "മലയാളം"),
    _spoken("cmn", "cmn-Hans", _in("language", "Mandarin"), "普通话", ("Chinese", "Putonghua"), "zho"),
    _spoken("nep", "ne", _in("language", "Nepali"), "नेपाली"),
    _spoken("orm", "om", _in("language", "Oromo"), "Afaan Oromoo", ("Oromiffa", "Afan Oromo")),
    _spoken(
        "phr",
        "phr-Arab",
        _in("language", "Pahari, Mirpuri or Potwari"),
        "پہاڑی، میرپوری، پوٹھوہاری",
        ("Pothwari", "Pahari-Potwari"),
    ),
    _spoken("pus", "ps", _in("language", "Pashto"), "پښتو", ("Pushto", "Pakhto")),
    _spoken("pes", "fa", _in("language", "Persian (Farsi)"), "فارسی", ("Iranian Persian",), "fas"),
    _spoken("pol", "pl", _in("language", "Polish"), "Polski"),
    _spoken("por", "pt", _in("language", "Portuguese"), "Português", ("Brazilian Portuguese",)),
    _spoken("pan", "pa", _in("language", "Punjabi"), "ਪੰਜਾਬੀ", ("Panjabi",)),
    _spoken("pnb", "pnb-Arab", _in("language", "Punjabi (Pakistan)"), "پنجابی", ("Western Punjabi",)),
    _spoken("rhg", "rhg-Latn", _in("language", "Rohingya"), "Ruáingga", ("Ruaingga", "Rohingyalish")),
    _spoken("rom", "rom", _in("language", "Romani"), "Romani čhib", ("Romany", "Romanes")),
    _spoken(
        "rmc",
        "rmc",
        _in("language", "Romani (Czech and Slovak)"),
        "Romaňi čhib",
        ("Carpathian Romani",),
        "rom",
    ),
    _spoken("rmy", "rmy", _in("language", "Romani (Vlax)"), "Romani čhib (Vlax)", ("Vlach Romani",), "rom"),
    _spoken("ron", "ro", _in("language", "Romanian"), "Română", ("Moldovan",)),
    _spoken("rus", "ru", _in("language", "Russian"), "Русский"),
    _spoken("slk", "sk", _in("language", "Slovak"), "Slovenčina"),
    _spoken("som", "so", _in("language", "Somali"), "Af-Soomaali"),
    _spoken("spa", "es", _in("language", "Spanish"), "Español"),
    _spoken("swh", "sw", _in("language", "Swahili"), "Kiswahili", ("Kiswahili",), "swa"),
    _spoken("syl", "syl-Beng", _in("language", "Sylheti"), "সিলেটি", ("Siloti", "Sileti", "Syloti")),
    _spoken("tam", "ta", _in("language", "Tamil"), "தமிழ்"),
    _spoken("tha", "th", _in("language", "Thai"), "ภาษาไทย"),
    _spoken("tir", "ti", _in("language", "Tigrinya"), "ትግርኛ", ("Tigrigna",)),
    _spoken("tur", "tr", _in("language", "Turkish"), "Türkçe"),
    _spoken("twi", "tw", _in("language", "Twi"), "Twi", ("Asante", "Akan"), "aka"),
    _spoken("ukr", "uk", _in("language", "Ukrainian"), "Українська"),
    _spoken("urd", "ur", _in("language", "Urdu"), "اردو"),
    _spoken("vie", "vi", _in("language", "Vietnamese"), "Tiếng Việt"),
    _spoken("yor", "yo", _in("language", "Yoruba"), "Yorùbá"),
)
"""Spoken languages, by English name. Pahari is `phr`: its older code `pmu` is gone from ISO 639-3."""

SIGNED = (
    _signed(
        "bfi",
        _in("language", "British Sign Language (BSL)"),
        "British Sign Language (BSL)",
        aliases=("Signing",),
    ),
    _signed("ins", _in("language", "Indian Sign Language"), "भारतीय सांकेतिक भाषा", "hi"),
    _signed("ils", _in("language", "International Sign"), "International Sign"),
    _signed(
        "isg",
        _in("language", "Irish Sign Language"),
        "Irish Sign Language",
        aliases=("Teanga Chomharthaíochta",),
    ),
    _signed("pks", _in("language", "Pakistan Sign Language"), "پاکستانی اشاروں کی زبان", "ur"),
)
"""Sign languages: BSL first, which most people mean."""

SPEECH = {one.code: one for one in (*SPOKEN, *SIGNED)}
"""All of them by code."""

SPOKEN_OPTIONS = tuple(one.option for one in SPOKEN)
SIGNED_OPTIONS = tuple(one.option for one in SIGNED)
"""What the two lists begin with."""
