"""What synthetic people were awarded, sector by sector (register.md 2.6)."""

from __future__ import annotations

from typing import Any

from register.synthetic import marks
from register.synthetic.draw import Draw
from register.synthetic.vocabulary import School, Study, Titles, Vocabulary

Json = dict[str, Any]
_EXTRA_SUBJECT, _REFUSED_TO_SHOW, _CERTIFICATE = 0.15, 0.2, 0.02


def award(draw: Draw, words: Vocabulary, study: Study, school: School, year: int) -> Json:
    """One award of that study by that school in that year."""
    made: Json = {
        "award": draw.identifier(),
        "institution": school.code,
        "programme": study.code,
        "awarded": _day(draw, study, year),
    }
    if study.degree:
        made["degree"] = study.degree
    return made | _CONTENT[study.sector](draw, words, study)


def _day(draw: Draw, study: Study, year: int) -> str:
    if study.sector == "vo":  # results come out in June and July
        return f"{year}-{draw.between(6, 7):02d}-{draw.between(1, 15):02d}"
    return f"{year}-{draw.between(1, 12):02d}-{draw.between(1, 28):02d}"


def _secondary(draw: Draw, words: Vocabulary, study: Study) -> Json:
    """Profile, subjects and marks; a subject outside the result may be shown or refused."""
    pool = words.subjects["vmbo" if study.code.startswith("VMBO") else "upper"]
    profile = draw.pick(pool["profiles"])
    codes = [*pool["common"], *profile["subjects"]]
    results = _vo_results(draw, [words.subjects["subjects"][code] for code in codes])
    if draw.chance(_EXTRA_SUBJECT) and not draw.chance(_REFUSED_TO_SHOW):
        extra = words.subjects["subjects"][draw.pick([c for c in pool["extra"] if c not in codes])]
        results += [one | {"counted": False} for one in _vo_results(draw, [extra])]
    content: Json = {"profile": profile["title"], "results": results}
    if pool["theses"]:
        content["thesis"] = draw.pick(pool["theses"])
    return content


def _vo_results(draw: Draw, subjects: list[Json]) -> list[Json]:
    """Marks that pass: at most one final mark is a five."""
    results, fives = [], 0
    for subject in subjects:
        title = {language: subject[language] for language in ("nl", "en", "de")}
        if subject["kind"] == "passed":
            results.append({"subject": title, "final": "passed"})
            continue
        school = marks.school_mark(draw)
        if subject["kind"] == "school":
            whole = str(marks.final(school))
            results.append({"subject": title, "schoolExam": marks.written(school), "final": whole})
            continue
        central = marks.central_mark(draw)
        if fives:  # a second five would fail the candidate
            central = max(central, 110 - school)
        whole_mark = marks.final(school, central)
        fives += whole_mark == marks.INSUFFICIENT
        results.append(_exam(title, school, central, whole_mark))
    return results


def _exam(title: Titles, school: int, central: int, whole: int) -> Json:
    return {
        "subject": title,
        "schoolExam": marks.written(school),
        "centralExam": marks.written(central),
        "final": str(whole),
    }


def _vocational(draw: Draw, words: Vocabulary, study: Study) -> Json:
    """Parts of the qualification, an elective and the general subjects with their levels."""
    if draw.chance(_CERTIFICATE):
        part = {"subject": draw.pick(study.parts), "final": "passed"}
        return {"partial": True, "results": [part]}
    level = int(study.kind[-1]) - 1
    results: list[Json] = [{"subject": part, "final": "passed"} for part in study.parts]
    elective = draw.pick(words.subjects["mbo_electives"])
    results.append({"subject": elective, "final": "passed"})
    for general in words.subjects["mbo_general"]:
        result: Json = {"subject": general["subject"]}
        if reference := general["levels"][level]:
            result |= {"level": reference, "final": str(draw.between(6, 8))}
        else:
            result["final"] = "passed"
        results.append(result)
    return {"results": results}


def _higher(_draw: Draw, _words: Vocabulary, _study: Study) -> Json:
    """The register holds no marks of higher education (register.md 2.6)."""
    return {}


def _language(_draw: Draw, words: Vocabulary, study: Study) -> Json:
    """Four parts at B1 (programme I) or B2 (programme II); civic integration has five."""
    civic = study.kind == "inburgering"
    level = "" if civic else {"NT2-I": "B1", "NT2-II": "B2"}[study.code]
    parts = words.subjects["inburgering_parts" if civic else "nt2_parts"]
    mark = {"final": "passed"} | ({"level": level} if level else {})
    return {"results": [{"subject": part} | mark for part in parts]}


_CONTENT = {
    "vo": _secondary,
    "mbo": _vocational,
    "hbo": _higher,
    "wo": _higher,
    "NT2": _language,
}
