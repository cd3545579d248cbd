"""Ten people whose extracts are hard to draw. All of them are invented."""

from __future__ import annotations

from datetime import UTC, date, datetime

from credentials.extract import Extract, Language, Purpose
from register.dates import PartialDate
from register.records import (
    Award,
    AwardRecord,
    Institution,
    InstitutionName,
    Name,
    Person,
    Programme,
    Result,
    Sector,
    Text,
)

ISSUED = datetime(2026, 11, 21, 13, 32, tzinfo=UTC)
FOUNDED = date(1990, 8, 1)


def text(**by_language: str) -> Text:
    return Text(tuple(by_language.items()))


def school(code: str, *names: tuple[str, date], **more: str) -> Institution:
    slices = tuple(InstitutionName(name, since) for name, since in names)
    return Institution(code=code, names=slices, **more)


def record(
    person: Person,
    programme: Programme,
    institution: Institution,
    today: Institution | None = None,
    **award: object,
) -> AwardRecord:
    facts = {
        "award_id": f"award-{person.person_id}",
        "person_id": person.person_id,
        "institution": institution.code,
        "programme": programme.code,
        "sector": programme.sector,
        **award,
    }
    made = Award(**facts)  # type: ignore[arg-type] # a fixture names only what matters to it
    return AwardRecord(made, person, institution, programme, today or institution)


DE_HORST = school(
    "00XX", ("Hogeschool De Horst", FOUNDED), ("Hogeschool IJsselstroom", date(2025, 9, 1))
)
NURSING = Programme(
    "99001", "isat", Sector.HBO, text(nl="Bachelor Verpleegkunde", en="Bachelor of Nursing"), "6", 6
)
COLLEGE = school("00ZZ", ("College voor Voorbeeldexamens", FOUNDED))


def hbo() -> AwardRecord:
    name = Name("Łukasiewicz-Özdemir", "Noor", "van den")
    person = Person("noor", name, PartialDate(2001, 5, 14), "Zwolle", "NL")
    return record(
        person,
        NURSING,
        DE_HORST,
        awarded=PartialDate(2024, 7, 5),
        degree="Bachelor of Science",
    )


def long_name() -> AwardRecord:
    given = "Maximiliana Theodóra Wilhelmína Cornélia Anna-Sophia"
    name = Name("Ŧhorlàcius-Hoogenraadt van Oosterwijck-Bruyn Þórðardóttir", given, "'S")
    person = Person("maxima", name, PartialDate(1987, 5), "Llanfairpwllgwyngyll", "GB")
    title = text(
        nl="Master Geavanceerde Bedrijfskundige Informatica en Maatschappelijke Verantwoording in "
        "Grensoverschrijdende Samenwerkingsverbanden",
        en="Master of Advanced Business Informatics and Social Responsibility in Cross-Border "
        "Cooperation",
    )
    then = school(
        "01AB", ("Katholieke Universiteit voor Economische en Sociale Wetenschappen", FOUNDED)
    )
    today = school("02CD", ("Universiteit Midden-Nederland", date(2020, 1, 1)))
    programme = Programme("99077", "isat", Sector.WO, title, "7", 7)
    return record(
        person, programme, then, today, awarded=PartialDate(2014, 8), degree="Master of Science"
    )


def vwo() -> AwardRecord:
    person = Person(
        "sietske", Name("Idrissi", "Sietske", "El"), PartialDate(2006, 3, 3), "Groningen", "NL"
    )
    then = school(
        "00YY", ("Scholengemeenschap Het Wad", FOUNDED), ("Wadden College", date(2025, 8, 1))
    )
    programme = Programme(
        "vwo", "vo", Sector.VO, text(nl="Vwo", en="Pre-university education"), "4+", 4
    )
    rows = (
        ("Nederlandse taal en literatuur", "Dutch language and literature", "7.1", "6.8", "7"),
        ("Engelse taal en literatuur", "English language and literature", "8.0", "8.6", "8"),
        ("Franse taal en literatuur", "French language and literature", "7.4", "6.9", "7"),
        ("Wiskunde B", "Mathematics B", "6.9", "7.5", "7"),
        ("Natuurkunde", "Physics", "7.2", "7.0", "7"),
        ("Scheikunde", "Chemistry", "7.8", "8.1", "8"),
        ("Biologie", "Biology", "8.3", "7.7", "8"),
        ("Informatica", "Information science", "8.6", "", "9"),
        ("Geschiedenis", "History", "7.0", "6.5", "7"),
        ("Maatschappijleer", "Social studies", "7.5", "", "8"),
        ("Culturele en kunstzinnige vorming", "Cultural and artistic education", "7.9", "", "8"),
        ("Profielwerkstuk", "Research project", "8.4", "", "8"),
        ("Wiskunde D", "Mathematics D", "6.4", "", "6"),
    )
    results = tuple(
        Result(text(nl=nl, en=en), se, ce, final, counted=nl != "Wiskunde D")
        for nl, en, se, ce, final in rows
    )
    return record(
        person,
        programme,
        then,
        awarded=PartialDate(2024, 6, 14),
        profile=text(nl="Natuur en Techniek", en="Nature and Technology"),
        thesis="Kwelders als golfbreker langs de Friese kust",
        results=results,
    )


def nt2() -> AwardRecord:
    person = Person("hiwot", Name("Tesfaye", "Hiwot"), PartialDate(1991), "Asmara", "ER")
    title = text(
        nl="Staatsexamen Nederlands als tweede taal, programma II",
        en="State examination Dutch as a second language, programme II",
    )
    parts = (
        ("Lezen", "Reading", date(2025, 3, 12)),
        ("Luisteren", "Listening", date(2025, 3, 12)),
        ("Schrijven", "Writing", date(2025, 6, 4)),
        ("Spreken", "Speaking", date(2025, 9, 22)),
    )
    results = tuple(
        Result(text(nl=nl, en=en), final="passed", level="B2", day=day) for nl, en, day in parts
    )
    programme = Programme("nt2-ii", "nt2", Sector.NT2, title)
    return record(person, programme, COLLEGE, awarded=PartialDate(2025, 9, 22), results=results)


def mbo() -> AwardRecord:
    person = Person(
        "joao", Name("Conceição", "João", "da"), PartialDate(1999, 2, 28), "Paramaribo", "SR"
    )
    programme = Programme(
        "25998",
        "crebo",
        Sector.MBO,
        text(nl="Mbo-Verpleegkundige", en="Nurse (secondary vocational)"),
        "4",
        4,
    )
    return record(
        person,
        programme,
        school("05KO", ("ROC Het Voorbeeld", FOUNDED)),
        awarded=PartialDate(2019, 7, 5),
        partial=True,
    )


def sixty_results() -> AwardRecord:
    person = Person(
        "ilse",
        Name("Çelik-ńskaŋ", "Ĭlse Ştefan"),
        PartialDate(2000, 12, 31),
        "'s-Hertogenbosch",
        "NL",
    )
    subjects = (
        ("Anatomie en fysiologie", "Anatomy and physiology"),
        (
            "Klinisch redeneren bij zorgvragers met meervoudige en langdurige aandoeningen",
            "Clinical reasoning for clients with multiple and long-lasting conditions",
        ),
        ("Ethiek", "Ethics"),
        ("Farmacologie", "Pharmacology"),
        ("Stage: wijkverpleging", "Placement: community nursing"),
    )
    results = tuple(
        Result(
            text(nl=f"{nl} {n // 5 + 1}", en=f"{en} {n // 5 + 1}"),
            final=f"{6 + n % 4}.{n % 10}",
            credits="2.5" if n % 3 else "5",
            day=date(2021 + n // 20, 1 + n % 12, 1 + n % 28),
        )
        for n in range(60)
        for nl, en in (subjects[n % 5],)
    )
    return record(
        person,
        NURSING,
        DE_HORST,
        awarded=PartialDate(2024, 7, 5),
        degree="Bachelor of Science",
        results=results,
    )


def arabic() -> AwardRecord:
    person = Person("abd", Name("الرحمن بن خالد", "عبد"), PartialDate(1984, 10), "حلب", "SY")
    return record(
        person, NURSING, DE_HORST, awarded=PartialDate(2024), degree="Bachelor of Science"
    )


def nameless() -> AwardRecord:
    person = Person("nn", Name("."), PartialDate())
    return record(person, NURSING, DE_HORST, awarded=PartialDate(2024, 7, 5))


def single_name() -> AwardRecord:
    person = Person("obbadah", Name("Obbadah"), PartialDate(1963), "", "AF")
    programme = Programme(
        "crkbo-1", "crkbo", Sector.OTHER, text(nl="Inburgeringsexamen", en="Civic integration exam")
    )
    return record(person, programme, COLLEGE, awarded=PartialDate(2020, 5))


def elmo() -> AwardRecord:
    person = Person("wojciech", Name("Rygielski", "Wojciech Łukasz"), PartialDate(1983, 4, 12))
    warsaw = school("999572294", ("Uniwersytet Warszawski", FOUNDED), scheme="pic", country="PL")
    title = text(
        no="Master i biologi: «Fløyelsgrått» & <evolusjon> #1 *ny*",
        en="Master of Science in Biology",
    )
    results = (
        Result(text(no="Evolusjonsbiologi", en="Evolutionary biology"), final="A", credits="7.5"),
        Result(
            text(el="Γενετική και εξέλιξη", en="Genetics and evolution"), final="8.0", credits="10"
        ),
        Result(text(pl="Źródła $x_1$ — „Ćwiczenia” \\textbf{źle}"), final="zal", credits="2"),
        Result(text(ru="Основы статистики"), final="отлично", credits=""),
    )
    programme = Programme("461727197642599", "elmo", Sector.OTHER, title, "", 7)
    return record(person, programme, warsaw, awarded=PartialDate(2009, 6, 15), results=results)


PEOPLE = {
    "hbo": hbo,
    "long-name": long_name,
    "vwo": vwo,
    "nt2": nt2,
    "mbo": mbo,
    "sixty": sixty_results,
    "arabic": arabic,
    "nameless": nameless,
    "single-name": single_name,
    "elmo": elmo,
}


def extract(person: str, language: Language = Language.NL) -> Extract:
    """The extract of one of the ten, as issued on one fixed moment."""
    return Extract("K7QD-3MXF-9TRA", language, Purpose.GENERAL, ISSUED, PEOPLE[person]())
