#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""make-man.py HEADER OUTPUT: man pages of section 3 from the comments of ascdev.h.

A page for each function that PAGES does not put on another one, and libascdev.3; everything else
that a page documents has a link to it.  An example is the program of the page's name beside this
script.
"""

import os
import re
import sys
import textwrap
import time

# What shares a page: its title, the functions, of which the first one names it, and the types.
PAGES = [
    ("error codes in words", "ascdev_strerror ascdev_errname", ""),
    ("find codec devices", "ascdev_enumerate ascdev_device_list_get ascdev_device_list_free",
     "ascdev_enumerate_opts ascdev_device_info"),
    ("open and close a context", "ascdev_open ascdev_open_fd ascdev_close",
     "ascdev_open_opts ascdev_backend ascdev_cpu ascdev_priority ascdev_error ascdev_log ascdev_log_level"),
    ("ask what a context can do", "ascdev_get_caps", "ascdev_caps"),
    ("read the statistics of a context", "ascdev_get_stats", "ascdev_stats"),
    ("describe feature maps in memory",
     "ascdev_surface_nchw ascdev_surface_nhwc ascdev_surface_blocked ascdev_surface_crop "
     "ascdev_surface_bytes", "ascdev_surface"),
    ("name and size of a type of values", "ascdev_dtype_name ascdev_dtype_bytes", "ascdev_dtype"),
    ("name of a codec", "ascdev_codec_name", "ascdev_codec"),
    ("parameters of a compression, and as text",
     "ascdev_params_parse ascdev_params_get ascdev_params_format ascdev_params_settle",
     "ascdev_params ascdev_block ascdev_endpoints ascdev_scale ascdev_effort ascdev_profile "
     "ascdev_reorder"),
    ("look at a feature map", "ascdev_analyze", "ascdev_analysis"),
    ("allocate buffers and count references to them",
     "ascdev_buf_alloc ascdev_buf_ref ascdev_buf_unref ascdev_buf_size", ""),
    ("buffers from the memory of others, and for others",
     "ascdev_buf_import_dmabuf ascdev_buf_import_user ascdev_buf_export_dmabuf", ""),
    ("use the memory of a buffer",
     "ascdev_buf_map ascdev_buf_unmap ascdev_buf_begin_cpu ascdev_buf_end_cpu ascdev_buf_wait", ""),
    ("compress and decompress ordinary memory",
     "ascdev_compress ascdev_decompress ascdev_decompress_part", "ascdev_result ascdev_part"),
    ("make and free jobs", "ascdev_job_create ascdev_job_destroy ascdev_job_set_cookie", ""),
    ("set a job up", "ascdev_job_compress ascdev_job_decompress ascdev_job_set_part", ""),
    ("fences and timelines of a job",
     "ascdev_job_wait_fence ascdev_job_wait_point ascdev_job_signal_point ascdev_job_get_fence",
     ""),
    ("take ends of jobs", "ascdev_reap ascdev_get_fd", "ascdev_completion"),
]

# What the words of a comment's Context stand for.
CONTEXTS = {
    "any thread": "in any thread, at any time, also on the same object",
    "one at a time": "in any thread; calls that name the same structure must not overlap",
    "alone": "in any thread, while no other call on the same object is under way",
}

HERE = os.path.dirname(os.path.abspath(__file__))


class Item:
    """One comment and what it stands before."""

    def __init__(self, comment, code, section):
        lines = [re.sub(r"^ ?\* ?", "", line) for line in comment.strip().split("\n")]
        self.section, self.code = section, code
        self.kind, self.name, self.brief = re.match(
            r"(?:(struct|enum|typedef) )?(\w+) - (.*)", lines[0]).groups()
        self.kind = self.kind or "function"
        self.members, self.body, self.returns, self.errors, self.context = [], [], "", [], ""
        for paragraph in re.split(r"\n\s*\n", "\n".join(lines[1:]).strip("\n")):
            self._read(paragraph)
        if self.kind == "function" and not self.context:
            sys.exit(f"{self.name}: its comment has no Context")

    def _read(self, paragraph):
        if re.match(r"@\w+: ", paragraph):
            for text in re.split(r"^@(?=\w+: )", paragraph, flags=re.M)[1:]:
                self.members.append(text.split(": ", 1))
        elif paragraph.startswith("Return: "):
            first, *errors = re.split(r"^\* -", paragraph[8:], flags=re.M)
            self.returns = first.strip()
            self.errors = [error.split(": ", 1) for error in errors]
        elif paragraph.startswith("Context: "):
            self.context = paragraph[9:].rstrip(".")
        elif paragraph:
            self.body.append(paragraph)

    @property
    def label(self):
        return f"{self.name}()" if self.kind == "function" else \
            self.name if self.kind == "typedef" else f"{self.kind} {self.name}"


class Page:
    def __init__(self, title, items):
        self.title, self.items, self.name = title, items, items[0].name
        self.functions = [item for item in items if item.kind == "function"]
        self.types = [item for item in items if item.kind != "function"]
        self.related = set()


def read_items(text):
    """All that has a comment, with the section that it is in."""
    items, section = {}, "library"
    pattern = r"/\* --- (\w+) -+ \*/|/\*\*(.*?)\*/\n((?:[^;{]|\{[^}]*\})*;)"
    for heading, comment, code in re.findall(pattern, text, re.S):
        if heading:
            section = heading
        else:
            item = Item(comment, code.strip(), section)
            items[item.name] = item
    return items


def make_pages(items):
    """Those of PAGES, and one for each item that they leave out; by where the first one is."""
    left, pages = dict(items), []
    for title, functions, types in PAGES:
        pages.append(Page(title, [left.pop(name) for name in (functions + " " + types).split()]))
    pages += [Page(item.brief, [item]) for item in left.values()]
    order = list(items)
    return sorted(pages, key=lambda page: order.index(page.name))


class Writer:
    """Text in mdoc(7)."""

    def __init__(self, page, pages):
        self.page, self.lines = page, []
        self.page_of = {item.name: other for other in pages for item in other.items}

    def macro(self, name, *arguments):
        self.lines.append(" ".join([f".{name}", *arguments]))

    def _mark(self, match):
        """Fonts for names, a section for what is on other pages."""
        word, call = match["word"], match["call"] or ""
        if word.startswith("@"):
            return rf"\fI{word[1:]}\fP"
        other = self.page_of.get(word)
        if other and other is not self.page:
            call = call and "(3)"
            if self.page:
                self.page.related.add(other.name)
        word = word.replace("-", r"\-")
        return rf"\fB{word}\fP{call}"

    def text(self, text, end=""):
        """A paragraph; each sentence begins a line."""
        text = re.sub(r"([.:?!]\)?)\n\s*", r"\1  ", text.replace("\\", r"\e"))
        text = re.sub(r"\n\s*", " ", text)
        for sentence in re.split(r"(?<=[.:?!)])  +", text.strip() + end):
            # marked after it is broken into lines, with the widths that a reader sees
            for line in textwrap.wrap(sentence, 64, break_long_words=False,
                                      break_on_hyphens=False):
                line = re.sub(r"(?P<word>@\w+|\bascdev_\w+|\bASCDEV_\w+|(?<!\w)-E[A-Z0-9]+)"
                              r"(?P<call>\(\))?", self._mark, line)
                self.lines.append(r"\&" + line if line[0] in ".'" else line)

    def paragraphs(self, paragraphs):
        for i, paragraph in enumerate(paragraphs):
            if i:
                self.macro("Pp")
            self.text(paragraph)

    def literal(self, text):
        self.macro("Bd", "-literal")
        for line in text.rstrip().split("\n"):
            # four columns for each level
            depth = len(line) - len(line.lstrip("\t"))
            line = line.expandtabs(8)[4 * depth:]
            line = line.replace("\\", r"\e").replace("-", r"\-")
            self.lines.append(r"\&" + line if line[:1] in (".", "'") else line)
        self.macro("Ed")

    def members(self, members):
        longest = max((len(name), name) for name, _ in members)[1]
        self.macro("Bl", "-tag", "-width", longest if len(longest) < 15 else "Ds")
        for name, text in members:
            self.macro("It", "Fa", name)
            self.text(text)
        self.macro("El")


def write_prototype(out, item):
    code = " ".join(item.code.split())
    kind, arguments = re.fullmatch(rf"(.*?){item.name}\((.*)\);", code).groups()
    out.macro("Ft", f'"{kind.strip()}"')
    out.macro("Fo", item.name)
    for argument in arguments.split(", "):
        out.macro("Fa", f'"{argument}"')
    out.macro("Fc")


def write_description(out, page):
    for item in page.items:
        if len(page.items) > 1:
            out.macro("Ss", item.label)
        out.paragraphs([item.brief[0].upper() + item.brief[1:] + ".", *item.body])
        if item.kind != "function":
            out.literal(item.code)
        if item.members:
            out.members(item.members)


def write_returns(out, page):
    told = [item for item in page.functions if item.returns]
    if not told:
        return
    out.macro("Sh", "RETURN VALUES")
    for i, item in enumerate(told):
        if i:
            out.macro("Pp")
        text = re.sub(r",? (or|and)$", "", item.returns).rstrip(".")
        text = text.replace("one of these", "one of the codes below ERRORS")
        out.text(f"{item.name}() returns {text}.")
        if item.errors and "ERRORS" not in text:
            out.text("On failure it returns one of the codes below ERRORS.")


def write_errors(out, page):
    told = [item for item in page.functions if item.errors]
    if not told:
        return
    out.macro("Sh", "ERRORS")
    for i, item in enumerate(told):
        if i:
            out.macro("Pp")
        like = re.match(r"as (\w+\(\))", item.returns)
        out.text(f"{item.name}() may fail as {like[1]}, and with:" if like else
                 f"{item.name}() may fail with:")
        out.macro("Bl", "-tag", "-width", "Er")
        for code, text in item.errors:
            out.macro("It", "Er", rf"\-{code}")
            out.text(text[0].upper() + text[1:] if text[0] != "@" else text, ".")
        out.macro("El")


def write_threads(out, page):
    out.macro("Sh", "THREAD SAFETY")
    by_context = {}
    for item in page.functions:
        by_context.setdefault(item.context, []).append(f"{item.name}()")
    for context, names in by_context.items():
        for words, meaning in CONTEXTS.items():
            if context.startswith(words):
                context = meaning + context[len(words):]
                break
        else:
            sys.exit(f"{names[0]}: a Context that is not known: {context}")
        listed = ", ".join(names[:-1]) + " and " + names[-1] if len(names) > 1 else names[0]
        out.text(f"{listed} may be called {context}.")


def write_example(out, path):
    if os.path.exists(path):
        out.macro("Sh", "EXAMPLES")
        with open(path, encoding="ascii") as file:
            out.literal(re.sub(r"^// SPDX.*\n", "", file.read()))


def write_see_also(out, names):
    out.macro("Sh", "SEE ALSO")
    listed = sorted(names, key=lambda name: (name[1], name[0]))
    for i, (name, section) in enumerate(listed):
        out.macro("Xr", name, section, *([","] if i < len(listed) - 1 else []))


def write_top(out, date, name, names, title):
    out.lines.append('.\\" SPDX-License-Identifier: MIT')
    out.lines.append('.\\" Made by make-man.py from ascdev.h.')
    out.macro("Dd", date)
    out.macro("Dt", name.upper(), "3")
    out.macro("Os")
    out.macro("Sh", "NAME")
    for i, other in enumerate(names):
        out.macro("Nm", other, *([","] if i < len(names) - 1 else []))
    out.macro("Nd", title)
    out.macro("Sh", "SYNOPSIS")
    out.macro("In", "ascdev.h")


def format_page(page, pages, date):
    out = Writer(page, pages)
    write_top(out, date, page.name, [item.name for item in page.functions or page.items],
              page.title)
    for item in page.functions:
        write_prototype(out, item)
    out.macro("Pp")
    out.text("Link with $(pkg-config --cflags --libs libascdev).")
    out.macro("Sh", "DESCRIPTION")
    write_description(out, page)
    write_returns(out, page)
    write_example(out, f"{HERE}/{page.name}.c")
    write_errors(out, page)
    if page.functions:
        write_threads(out, page)
    return out


def format_overview(text, pages, date):
    """libascdev.3: what the header begins with, and a list of all pages."""
    out = Writer(None, pages)
    top = re.search(r"/\*\n \* libascdev: (.*?)\n \*/\n#ifndef", text, re.S)[1]
    title, *paragraphs = re.split(r"\n\s*\n", re.sub(r"^ \* ?", "", top, flags=re.M))
    write_top(out, date, "libascdev", ["libascdev"], title.rstrip("."))
    out.macro("Pp")
    out.text("cc program.c $(pkg-config --cflags --libs libascdev)")
    out.macro("Sh", "DESCRIPTION")
    out.paragraphs(paragraph.replace(", which stands under Context", "")
                   for paragraph in paragraphs if "make-man.py" not in paragraph)
    section = None
    for page in pages:
        if page.items[0].section != section:
            if section:
                out.macro("El")
            section = page.items[0].section
            out.macro("Ss", section[0].upper() + section[1:])
            out.macro("Bl", "-tag", "-width", "Ds")
        out.macro("It", "Xr", page.name, "3")
        out.text(page.title)
    out.macro("El")
    write_example(out, f"{HERE}/../../examples/minimal.c")
    write_see_also(out, [("asc", "1")] + [(page.name, "3") for page in pages])
    return out


def main():
    header, output = sys.argv[1:]
    with open(header, encoding="ascii") as file:
        text = file.read()
    date = time.strftime("%B %d, %Y", time.gmtime(int(
        os.environ.get("SOURCE_DATE_EPOCH", os.stat(header).st_mtime)))).replace(" 0", " ")
    pages = make_pages(read_items(text))
    written = {"libascdev": "\n".join(format_overview(text, pages, date).lines)}
    done = [(page, format_page(page, pages, date)) for page in pages]
    for page in pages:
        for other in pages:
            if page.name in other.related and page is not other:
                page.related.add(other.name)
    for page, out in done:
        write_see_also(out, [("libascdev", "3")] + [(name, "3") for name in page.related])
        written[page.name] = "\n".join(out.lines)
        for item in page.items[1:]:
            written[item.name] = f".so man3/{page.name}.3"
    os.makedirs(output, exist_ok=True)
    for name, page in written.items():
        with open(f"{output}/{name}.3", "w", encoding="ascii") as file:
            file.write(page + "\n")


main()
