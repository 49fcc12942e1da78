"""What in a PDF acts by itself, or reaches out of it: scripts, programs, files within, forms of XFA, media."""

from collections.abc import Iterator

import pikepdf

SCRIPT, LAUNCH, EMBEDDED, XFA, AUTO, MEDIA, REMOTE = (
    "script",
    "launch",
    "embedded-file",
    "xfa",
    "auto-action",
    "rich-media",
    "remote",
)
_ACTIONS = {
    "/JavaScript": SCRIPT,
    "/Launch": LAUNCH,
    "/GoToR": REMOTE,
    "/GoToE": EMBEDDED,
    "/SubmitForm": REMOTE,
    "/ImportData": REMOTE,
    "/Thread": REMOTE,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/Rendition": MEDIA,
    "/RichMediaExecute": MEDIA,
    "/GoTo3DView": MEDIA,
}
_SUBTYPES = {
    "/RichMedia": MEDIA,
    "/Screen": MEDIA,
    "/Movie": MEDIA,
    "/Sound": MEDIA,
    "/3D": MEDIA,
    "/FileAttachment": EMBEDDED,
    "/PS": SCRIPT,
}
_KEYS = {"/JavaScript": SCRIPT, "/XFA": XFA, "/EmbeddedFiles": EMBEDDED, "/RichMediaContent": MEDIA}
_FILES = frozenset({"/F", "/UF", "/DOS", "/Mac", "/Unix"})
_LONGEST_CHAIN = 20


def acts_of(pdf: pikepdf.Pdf) -> list[str]:
    """Each kind once, in order of the alphabet. Every object counts, also one that nothing refers to."""
    return sorted({act for one in _dictionaries(pdf) for act in _acts(one)})


def _dictionaries(pdf: pikepdf.Pdf) -> Iterator[pikepdf.Object]:
    """Every dictionary, also within others, in arrays, and of streams; what is referred to comes by itself."""
    todo: list[object] = [pdf.trailer, *pdf.objects]
    while todo:
        one = todo.pop()
        if isinstance(one, pikepdf.Array):
            todo += [child for child in one.as_list() if _is_within(child)]
        elif isinstance(one, pikepdf.Dictionary | pikepdf.Stream):
            yield one
            todo += [child for child in one.values() if _is_within(child)]


def _is_within(child: object) -> bool:
    return isinstance(child, pikepdf.Array | pikepdf.Dictionary) and not child.is_indirect


def _acts(one: pikepdf.Object) -> Iterator[str]:
    for key, names in (("/S", _ACTIONS), ("/Subtype", _SUBTYPES)):
        name = one.get(key, None)
        if isinstance(name, pikepdf.Name) and str(name) in names:
            yield names[str(name)]
    yield from (act for key, act in _KEYS.items() if key in one)
    # These short words may also name a font or a picture of a page, which is a dictionary or has a subtype.
    script = one.get("/JS", None)
    if script is not None and not _is_resource(script):
        yield SCRIPT
    files = one.get("/EF", None)
    if isinstance(files, pikepdf.Dictionary) and any(key in files for key in _FILES):
        yield EMBEDDED
    if one.get("/Type", None) == "/EmbeddedFile":
        yield EMBEDDED
    if isinstance(one, pikepdf.Stream) and "/F" in one:
        yield REMOTE  # the data of this stream are in another file
    if _begins_by_itself(one):
        yield AUTO


def _is_resource(value: object) -> bool:
    is_named = isinstance(value, pikepdf.Dictionary | pikepdf.Stream)
    return is_named and ("/Subtype" in value or "/Type" in value)


def _begins_by_itself(one: pikepdf.Object) -> bool:
    """Whether opening the file, or a look at a page, does anything but go to a page."""
    opening = one.get("/OpenAction", None)
    if isinstance(opening, pikepdf.Dictionary) and not _goes_to_a_page(opening):
        return True
    additional = one.get("/AA", None)
    if not isinstance(additional, pikepdf.Dictionary) or _is_resource(additional):
        return False
    return any(isinstance(act, pikepdf.Dictionary) and not _goes_to_a_page(act) for act in additional.values())


def _goes_to_a_page(action: pikepdf.Object) -> bool:
    """This action, and all that follow it."""
    todo, seen = [action], 0
    while todo:
        one, seen = todo.pop(), seen + 1
        if seen > _LONGEST_CHAIN or not isinstance(one, pikepdf.Dictionary) or one.get("/S", None) != "/GoTo":
            return False
        following = one.get("/Next", None)
        if following is not None:
            todo += following.as_list() if isinstance(following, pikepdf.Array) else [following]
    return True
