"""Compile the twin of a source file: the same code, in which everything reports its value.

The whole file is parsed, rewritten and compiled, but never executed: the recorder only takes the
code objects of its functions and puts them in the place of the plain ones (`__code__`), so that
objects, classes and closures keep their identity. A twin evaluates the same operations in the same
order as the plain code; every node keeps its position, so a traceback through a twin points at the
very expression that failed.

Hooks are looked up in `builtins` under names that are no identifiers, such as `<line>`. Each gets
the token of the running call as its first argument; lambdas, generator bodies and generator
expressions, which count as one expression, pass None and report nothing but what they overwrite.
"""

from __future__ import annotations

import ast
import inspect
import linecache
import symtable
import tokenize
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field
from functools import lru_cache
from types import CodeType
from typing import Any, cast

from engine.debug.events import Kind, Phase, Span

TOKEN = "<token>"
_ASYNC = inspect.CO_COROUTINE | inspect.CO_ASYNC_GENERATOR  # these have no twins
PASS_OF_CALL = {
    "forward": Phase.FORWARD,
    "backward": Phase.BACKWARD,
    "update": Phase.UPDATE,
    "step": Phase.UPDATE,
}
_LOOKS_AT_ITS_CALLER = frozenset({"super", "locals", "globals", "vars", "dir", "eval", "exec"})
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_SCOPES = (*_FUNCTIONS, ast.Lambda, ast.ClassDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp)


@dataclass(slots=True, eq=False)
class Site:
    """A place in the source that reports.

    Attributes:
        phase: the pass that this line starts, for the outermost function.
        node: the syntax node (of the plain tree), for who wants to know what is computed here.
        stored: by type of the object, how an attribute here is read (a stored one is no event).
        shared: of a call, the names that other functions can bind too (closures).
    """

    kind: Kind
    file: str
    function: str
    span: Span
    source: str
    phase: Phase
    node: ast.AST
    stored: dict[type, Any] = field(default_factory=dict)
    shared: frozenset[str] = frozenset()


SITES: list[Site] = []  # compiled code names its sites by their index here


_Key = tuple[str, int, int]  # qualified name, first line, and of a lambda the column


@dataclass(frozen=True, slots=True, eq=False)
class Twin:
    """A compiled source file: its functions' plain and reporting code."""

    file: str
    lines: tuple[str, ...]
    plain: dict[_Key, CodeType]
    reporting: dict[_Key, CodeType]

    def reporting_of(self, code: CodeType) -> CodeType | None:
        """The twin of live code, if that is what the source compiles to."""
        key = _key(code)
        reporting = self.reporting.get(key)
        if reporting is None or self.plain.get(key) != code:
            return None
        return reporting if reporting.co_freevars == code.co_freevars else None

    def plain_of(self, code: CodeType) -> CodeType | None:
        """The plain code that this reporting code is the twin of."""
        plain = self.plain.get(_key(code))
        return plain if plain is not None and plain.co_freevars == code.co_freevars else None

    def span_of(self, positions: tuple[int | None, ...]) -> Span:
        """The span, in characters, of what `code.co_positions()` gives in bytes."""
        line, end_line, column, end_column = positions
        if line is None or end_line is None:
            return Span(1, 0, 1, 0)
        return Span(
            line,
            _characters(self.lines, line, column or 0),
            end_line,
            _characters(self.lines, end_line, end_column or 0),
        )

    def text_of(self, span: Span) -> str:
        """The source text of a span."""
        return _text(self.lines, span)


def _characters(lines: tuple[str, ...], line: int, column: int) -> int:
    """Columns count UTF-8 bytes; a screen counts characters."""
    text = lines[line - 1] if line <= len(lines) else ""
    return column if text.isascii() else len(text.encode()[:column].decode(errors="ignore"))


def _text(lines: tuple[str, ...], span: Span) -> str:
    rows = list(lines[span.line - 1 : span.end_line])
    if not rows:
        return ""
    rows[-1] = rows[-1][: span.end_column]
    rows[0] = rows[0][span.column :]
    return "\n".join(rows)


def read_source(file: str) -> str:
    """The text of a source file, by its own declared encoding.

    Raises:
        OSError: it is not there, and the interpreter does not remember it either.
    """
    try:
        with tokenize.open(file) as stream:
            return stream.read()
    except (OSError, SyntaxError, UnicodeDecodeError):
        remembered = "".join(linecache.getlines(file))
        if remembered:
            return remembered
        raise OSError(f"no source for {file}") from None


def compile_twin(file: str) -> Twin:
    """Parse and compile a file and its twin.

    Raises:
        OSError: the source cannot be read.
        SyntaxError: it does not parse.
    """
    return _compile(file, read_source(file))


@lru_cache(maxsize=256)
def _compile(file: str, text: str) -> Twin:
    lines = tuple(text.split("\n"))  # not splitlines, to which a form feed ends a line
    plain_tree = ast.parse(text, file)
    plain = compile(plain_tree, file, "exec", dont_inherit=True)
    tree = _Instrumenter(file, lines, _shared_names(text, file)).rewrite(ast.parse(text, file))
    reporting = compile(tree, file, "exec", dont_inherit=True)
    return Twin(file, lines, dict(_functions(plain)), dict(_functions(reporting)))


def _functions(code: CodeType) -> Iterator[tuple[_Key, CodeType]]:
    for constant in code.co_consts:
        if isinstance(constant, CodeType) and not constant.co_flags & _ASYNC:
            yield _key(constant), constant
            yield from _functions(constant)


def _key(code: CodeType) -> _Key:
    """Tells functions of a file apart; a line may hold several lambdas."""
    column = 0
    if code.co_name == "<lambda>":
        places = [
            (line, start)
            for line, end_line, start, end in code.co_positions()
            if line is not None and start is not None and (line, start) != (end_line, end)
        ]  # the instructions that open a function are nowhere, or at a point
        column = min(places)[1] if places else 0
    return code.co_qualname, code.co_firstlineno, column


def _hook(name: str, node: ast.AST, *arguments: ast.expr) -> ast.Call:
    call = ast.Call(ast.Name(f"<{name}>", ast.Load()), list(arguments), [])
    for new in ast.walk(call):
        if not hasattr(new, "lineno") and isinstance(new, ast.expr):
            ast.copy_location(new, node)
    return call


def _statement(call: ast.expr, node: ast.AST) -> ast.stmt:
    return ast.copy_location(ast.Expr(call), node)


def _load(name: str, node: ast.AST) -> ast.Name:
    return ast.copy_location(ast.Name(name, ast.Load()), node)


def _names(*targets: ast.AST | None) -> list[str]:
    """The plain names that assignment targets (or patterns) bind, in order."""
    found: list[str] = []
    for target in targets:
        if target is None:
            continue
        for node in ast.walk(target):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                found.append(node.id)
            elif isinstance(node, (ast.MatchAs, ast.MatchStar)) and node.name:
                found.append(node.name)
            elif isinstance(node, ast.MatchMapping) and node.rest:
                found.append(node.rest)
    return list(dict.fromkeys(found))


def _shared_names(text: str, file: str) -> dict[tuple[str, int], frozenset[str]]:
    """By name and line of each function: the variables that more than one function can bind.

    They are those that it takes from the functions around it, and those of its own that a function
    (or generator expression) inside it declares, openly or by `:=`, as not its own.
    """
    found: dict[tuple[str, int], frozenset[str]] = {}

    def walk(table: symtable.SymbolTable) -> frozenset[str]:
        inner = frozenset[str]().union(*(walk(child) for child in table.get_children()))
        if not isinstance(table, symtable.Function):
            return inner
        rebound = {
            symbol.get_name()
            for symbol in table.get_symbols()
            if symbol.is_nonlocal() and table.get_name() not in ("listcomp", "setcomp", "dictcomp")
        }
        shared = (inner | set(table.get_frees())) - {"__class__"}
        found[table.get_name(), table.get_lineno()] = shared
        return inner | rebound

    walk(symtable.symtable(text, file, "exec"))
    return found


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function without those of the scopes inside it."""
    pending = list(ast.iter_child_nodes(function))
    while pending:
        node = pending.pop()
        yield node
        if not isinstance(node, _SCOPES):
            pending.extend(ast.iter_child_nodes(node))


def _without_blocks(node: ast.stmt) -> ast.AST:
    """The header of a compound statement: what is evaluated before its blocks."""
    header = copy(node)
    for name in ("body", "orelse", "handlers", "finalbody", "cases", "decorator_list"):
        if hasattr(header, name):
            setattr(header, name, [])
    return header


def _last_statement(node: ast.stmt) -> ast.stmt:
    """The last simple statement in a statement, in the order of the text."""
    for part in ("finalbody", "orelse", "cases", "handlers", "body"):
        inside = getattr(node, part, None)
        if inside and not isinstance(node, _SCOPES):
            return _last_statement(inside[-1])
    return node


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return _is_constant(node.operand)
    if isinstance(node, (ast.Tuple, ast.List, ast.Set)):
        return all(_is_constant(element) for element in node.elts)
    if isinstance(node, ast.Dict):
        return all(key is not None and _is_constant(key) for key in node.keys) and all(
            _is_constant(value) for value in node.values
        )
    return False


@dataclass(slots=True)
class _Scope:
    """The function being rewritten."""

    qualname: str
    quiet: bool
    returns_late: bool
    outside: frozenset[str]  # names that are not its own: global and nonlocal
    class_name: str  # for the mangling of private names
    phase: Phase = Phase.FORWARD


class _Instrumenter:
    """Rewrites the functions of one file. Nothing outside of functions is touched."""

    def __init__(
        self,
        file: str,
        lines: tuple[str, ...],
        shared: Mapping[tuple[str, int], frozenset[str]],
    ) -> None:
        self.file = file
        self.lines = lines
        self.shared = shared
        self.scope = _Scope("", True, False, frozenset(), "")

    def rewrite(self, tree: ast.Module) -> ast.Module:
        self._outside_functions(tree, "", "")
        return ast.fix_missing_locations(tree)

    def _outside_functions(self, node: ast.AST, prefix: str, class_name: str) -> None:
        """Find the functions; lambdas log what they overwrite wherever they stand."""
        for name, value in ast.iter_fields(node):
            children = value if isinstance(value, list) else [value]
            for place, child in enumerate(children):
                if isinstance(child, ast.FunctionDef):
                    in_class = isinstance(node, ast.ClassDef)
                    self._header(child)
                    self._function(child, prefix, class_name, in_class)
                elif isinstance(child, ast.ClassDef):
                    self._outside_functions(child, f"{prefix}{child.name}.", child.name)
                elif isinstance(child, ast.expr):
                    if isinstance(value, list):
                        value[place] = self._e(child)
                    else:
                        setattr(node, name, self._e(child))
                elif isinstance(child, ast.AST) and not isinstance(
                    child, (ast.AsyncFunctionDef, ast.pattern)
                ):
                    self._outside_functions(child, prefix, class_name)

    def _header(self, node: ast.FunctionDef) -> None:
        """Decorators and defaults, which are evaluated where the function is made."""
        node.decorator_list = [self._e(decorator) for decorator in node.decorator_list]
        self._defaults(node.args)
        made = ast.copy_location(ast.Name("<made>", ast.Load()), node)
        node.decorator_list.append(made)

    def _defaults(self, arguments: ast.arguments) -> None:
        arguments.defaults = [self._e(default) for default in arguments.defaults]
        arguments.kw_defaults = [d and self._e(d) for d in arguments.kw_defaults]

    # Sites -------------------------------------------------------------------------------------

    def _site(self, kind: Kind, node: ast.AST, last: ast.AST | None = None) -> ast.expr:
        first = cast(ast.expr, node)
        end = cast(ast.expr, last or node)
        line, end_line = first.lineno, end.end_lineno or end.lineno
        span = Span(
            line,
            _characters(self.lines, line, first.col_offset),
            end_line,
            _characters(self.lines, end_line, end.end_col_offset or 0),
        )
        site = Site(
            kind, self.file, self.scope.qualname, span, _text(self.lines, span),
            self.scope.phase, node,
        )  # fmt: skip
        SITES.append(site)
        return ast.copy_location(ast.Constant(len(SITES) - 1), node)

    def _token(self, node: ast.AST) -> ast.expr:
        if self.scope.quiet:
            return ast.copy_location(ast.Constant(None), node)
        return _load(TOKEN, node)

    def _report(self, node: ast.expr, value: ast.expr) -> ast.expr:
        """An expression event for `node`, whose rewritten form is `value`."""
        if self.scope.quiet:
            return value
        return _hook(
            "expression", node, self._token(node), self._site(Kind.EXPRESSION, node), value
        )

    def _mangled(self, name: str) -> str:
        class_name = self.scope.class_name.lstrip("_")
        private = name.startswith("__") and not name.endswith("__")
        return f"_{class_name}{name}" if private and class_name else name

    # Functions ---------------------------------------------------------------------------------

    def _function(
        self, node: ast.FunctionDef, prefix: str, class_name: str, in_class: bool = False
    ) -> None:
        outer = self.scope
        own = list(_own_nodes(node))
        generator = any(isinstance(n, (ast.Yield, ast.YieldFrom)) for n in own)
        outside = {
            name for n in own if isinstance(n, (ast.Global, ast.Nonlocal)) for name in n.names
        }
        arguments = self._argument_names(node.args)
        cleanups = (ast.With, ast.Try, ast.TryStar)
        self.scope = _Scope(
            qualname=f"{prefix}{node.name}",
            quiet=generator,
            returns_late=any(isinstance(n, cleanups) for n in own),
            outside=frozenset(outside),
            class_name=class_name,
        )
        body = node.body
        docstring = body[:1] if ast.get_docstring(node, clean=False) is not None else []
        end = _last_statement(body[-1])
        rest = self._block(body[len(docstring) :])
        if not generator:
            rest = self._entered(node, arguments, rest, end, in_class)
        node.body = [*docstring, *rest] or [ast.copy_location(ast.Pass(), node)]
        self.scope = outer

    @staticmethod
    def _argument_names(arguments: ast.arguments) -> list[str]:
        every = [*arguments.posonlyargs, *arguments.args, arguments.vararg]
        every += [*arguments.kwonlyargs, arguments.kwarg]
        return [argument.arg for argument in every if argument is not None]

    def _entered(
        self,
        node: ast.FunctionDef,
        arguments: list[str],
        body: list[ast.stmt],
        end: ast.stmt,
        in_class: bool,
    ) -> list[ast.stmt]:
        """The call event before the body, and a return event where it falls off the end."""
        last = node.body[-1]
        kinds = {d.id for d in node.decorator_list if isinstance(d, ast.Name)}
        owner: ast.expr = ast.copy_location(ast.Constant(None), node)
        positional = [*node.args.posonlyargs, *node.args.args]
        ownerless = kinds & {"staticmethod", "classmethod"}
        if positional and not ownerless and (in_class or positional[0].arg == "self"):
            owner = _load(positional[0].arg, node)
        header = ast.copy_location(ast.Pass(), node)
        header.end_lineno, header.end_col_offset = self._end_of_header(node)
        site = self._site(Kind.CALL, header)
        SITES[-1].shared = self.shared.get((node.name, node.lineno), frozenset())
        enter = ast.copy_location(
            ast.Assign(
                [ast.Name(TOKEN, ast.Store())],
                _hook(
                    "call", node, site, owner,
                    ast.Constant(cast(Any, tuple(arguments))),
                    ast.Tuple([_load(name, node) for name in arguments], ast.Load()),
                ),
            ),
            node,
        )  # fmt: skip
        if not isinstance(last, (ast.Return, ast.Raise)):
            nothing = ast.copy_location(ast.Constant(None), end)
            body = [*body, _statement(self._returned(end, nothing), end)]
        if self.scope.returns_late:
            leave = _statement(_hook("leave", last, self._token(last)), last)
            prepare = _statement(_hook("prepare to leave", node, self._token(node)), node)
            body = [prepare, ast.copy_location(ast.Try(body, [], [], [leave]), node)]
        return [enter, *body]

    def _end_of_header(self, node: ast.stmt) -> tuple[int, int]:
        """Where the header of a compound statement ends, at its colon (line, column in bytes)."""
        parts = [
            child
            for child in ast.walk(_without_blocks(node))
            if isinstance(child, (ast.expr, ast.arg, ast.keyword))
        ]
        line, column = node.lineno, node.col_offset
        for part in parts:
            line, column = max((line, column), (part.end_lineno or 0, part.end_col_offset or 0))
        while line <= len(self.lines):
            rest = self.lines[line - 1].encode()[column:].split(b"#")[0]
            if b":" in rest:
                return line, column + rest.index(b":") + 1
            line, column = line + 1, 0
        return node.lineno, len(self.lines[node.lineno - 1].encode())

    def _returned(self, node: ast.AST, value: ast.expr) -> ast.expr:
        name = "return late" if self.scope.returns_late else "return"
        return _hook(name, node, self._token(node), self._site(Kind.RETURN, node), value)

    # Statements --------------------------------------------------------------------------------

    def _block(self, statements: list[ast.stmt]) -> list[ast.stmt]:
        return [new for statement in statements for new in self._rewrite(statement)]

    def _rewrite(self, node: ast.stmt) -> list[ast.stmt]:
        if isinstance(node, (ast.Global, ast.Nonlocal)):
            return [node]
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            return [node]
        self.scope.phase = self._phase_of(node)
        lines = [] if isinstance(node, ast.While) else self._line(node)
        rewrite = cast(
            "Callable[[ast.stmt], list[ast.stmt]] | None",
            getattr(self, f"_s_{type(node).__name__}", None),
        )
        if rewrite is None:
            return [*lines, node]
        return [*lines, *rewrite(node)]

    def _phase_of(self, node: ast.stmt) -> Phase:
        calls = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
        calls.sort(key=lambda call: (call.lineno, call.col_offset))
        for call in calls:
            name = getattr(call.func, "attr", getattr(call.func, "id", ""))
            if name in PASS_OF_CALL:
                return PASS_OF_CALL[name]
        return self.scope.phase

    def _line_hook(self, node: ast.stmt) -> ast.expr:
        end: ast.AST = node
        if hasattr(node, "body") or isinstance(node, ast.Match):  # the line is its header
            end = ast.copy_location(ast.Pass(), node)
            end.end_lineno, end.end_col_offset = self._end_of_header(node)
        return _hook("line", node, self._token(node), self._site(Kind.LINE, node, end))

    def _line(self, node: ast.stmt) -> list[ast.stmt]:
        return [] if self.scope.quiet else [_statement(self._line_hook(node), node)]

    def _bind(self, names: Iterable[str], node: ast.AST) -> list[ast.stmt]:
        own = tuple(name for name in names if name not in self.scope.outside)
        if not own or self.scope.quiet:
            return []
        if len(own) == 1:
            name, value = ast.Constant(own[0]), _load(own[0], node)
            return [_statement(_hook("bind one", node, self._token(node), name, value), node)]
        values = ast.Tuple([_load(name, node) for name in own], ast.Load())
        constant = ast.Constant(cast(Any, own))
        return [_statement(_hook("bind", node, self._token(node), constant, values), node)]

    def _s_Expr(self, node: ast.Expr) -> list[ast.stmt]:
        node.value = self._e(node.value)
        return [node]

    def _s_Return(self, node: ast.Return) -> list[ast.stmt]:
        value = self._e(node.value) if node.value else ast.copy_location(ast.Constant(None), node)
        if not self.scope.quiet:
            node.value = self._returned(node, value)
        elif node.value:
            node.value = value
        return [node]

    def _s_Assign(self, node: ast.Assign) -> list[ast.stmt]:
        unpacks = isinstance(node.value, ast.Tuple) and all(
            isinstance(target, (ast.Tuple, ast.List)) for target in node.targets
        )
        value = self._e(node.value, report=not unpacks)
        if len(node.targets) == 1:
            target = node.targets[0]
            if isinstance(target, (ast.Attribute, ast.Subscript)):
                return [_statement(self._store(target, value, node), node)]
        node.value = value
        node.targets = [self._target(target) for target in node.targets]
        return [node, *self._bind(_names(*node.targets), node)]

    def _store(
        self, target: ast.Attribute | ast.Subscript, value: ast.expr, node: ast.AST
    ) -> ast.expr:
        """The call that does a single store: value, object, index are evaluated in this order."""
        if isinstance(target, ast.Attribute):
            name = ast.Constant(self._mangled(target.attr))
            return _hook(
                "set attribute", target, self._token(node), value, self._e(target.value), name
            )
        index = self._index(target.slice)
        return _hook("set item", target, self._token(node), value, self._e(target.value), index)

    def _index(self, index: ast.expr) -> ast.expr:
        """A subscript's index as a value: `<index>[a:b, c]` gives it back."""
        catcher = ast.copy_location(ast.Name("<index>", ast.Load()), index)
        return ast.copy_location(ast.Subscript(catcher, self._slice(index), ast.Load()), index)

    def _target(self, node: ast.expr) -> ast.expr:
        """A target whose store is logged when Python comes to it, among several."""
        if isinstance(node, ast.Attribute):
            node.value = _hook("attribute target", node, self._token(node), self._e(node.value))
        elif isinstance(node, ast.Subscript):
            index = self._index(node.slice)
            node.value = _hook("item target", node, self._token(node), self._e(node.value), index)
            node.slice = ast.copy_location(ast.Constant(None), node)
        elif isinstance(node, (ast.Tuple, ast.List)):
            node.elts = [self._target(element) for element in node.elts]
        elif isinstance(node, ast.Starred):
            node.value = self._target(node.value)
        return node

    def _s_AnnAssign(self, node: ast.AnnAssign) -> list[ast.stmt]:
        if node.value is None:
            return [node]
        node.value = self._e(node.value)
        node.target = cast(Any, self._target(node.target))
        return [node, *self._bind(_names(node.target), node)]

    def _s_AugAssign(self, node: ast.AugAssign) -> list[ast.stmt]:
        """`a op= v` as Python does it: load, evaluate the value, operate in place, store."""
        operator = ast.Constant(type(node.op).__name__)
        target = node.target
        token = self._token(node)
        if isinstance(target, ast.Name):
            value = self._e(node.value)
            operate = _hook("in place", node, token, operator, _load(target.id, target), value)
            store = ast.copy_location(ast.Assign([target], operate), node)
            return [store, *self._bind([target.id], node)]
        if isinstance(target, ast.Attribute):
            name = ast.Constant(self._mangled(target.attr))
            loaded = _hook("load attribute", target, token, self._e(target.value), name)
        else:
            loaded = _hook(
                "load item", target, token, self._e(target.value), self._index(target.slice)
            )
        kind = "in place attribute" if isinstance(target, ast.Attribute) else "in place item"
        spread = ast.copy_location(ast.Starred(loaded, ast.Load()), target)
        return [_statement(_hook(kind, node, token, operator, spread, self._e(node.value)), node)]

    def _s_For(self, node: ast.For) -> list[ast.stmt]:
        node.iter = self._e(node.iter)
        if not self.scope.quiet:
            site = self._line_hook(node).args[1]  # type: ignore[attr-defined]
            node.iter = _hook("iterate", node.iter, self._token(node), site, node.iter)
        node.target = self._target(node.target)
        node.body = [*self._bind(_names(node.target), node.target), *self._block(node.body)]
        node.orelse = self._block(node.orelse)
        return [node]

    def _s_While(self, node: ast.While) -> list[ast.stmt]:
        test = self._e(node.test)
        if not self.scope.quiet:  # the line runs again before each test; the hook returns None
            test = ast.copy_location(ast.BoolOp(ast.Or(), [self._line_hook(node), test]), node.test)
        node.test = test
        node.body = self._block(node.body)
        node.orelse = self._block(node.orelse)
        return [node]

    def _s_If(self, node: ast.If) -> list[ast.stmt]:
        node.test = self._e(node.test)
        node.body = self._block(node.body)
        node.orelse = self._block(node.orelse)
        return [node]

    def _s_With(self, node: ast.With) -> list[ast.stmt]:
        bound: list[str] = []
        for item in node.items:
            item.context_expr = self._e(item.context_expr)
            if item.optional_vars is not None:
                item.optional_vars = self._target(item.optional_vars)
                bound += _names(item.optional_vars)
        node.body = [*self._bind(bound, node), *self._block(node.body)]
        return [node, *self._caught(node)]

    def _caught(self, node: ast.AST) -> list[ast.stmt]:
        """Where an exception may have been caught, the comprehensions that it ended are over."""
        if self.scope.quiet:
            return []
        return [_statement(_hook("caught", node, self._token(node)), node)]

    def _s_Try(self, node: ast.Try) -> list[ast.stmt]:
        node.body = self._block(node.body)
        for handler in node.handlers:
            if handler.type is not None:
                handler.type = self._quietly(handler.type)
            body = self._block(handler.body)
            if handler.name and not self.scope.quiet:
                forget = self._unbind([handler.name], handler.body[-1])
                body = [ast.copy_location(ast.Try(body, [], [], forget), handler)]
                body = [*self._bind([handler.name], handler), *body]
            handler.body = [*self._caught(handler), *body]
        node.orelse = self._block(node.orelse)
        if node.finalbody:
            node.finalbody = [*self._caught(node.finalbody[0]), *self._block(node.finalbody)]
        return [node]

    _s_TryStar = _s_Try

    def _s_Match(self, node: ast.Match) -> list[ast.stmt]:
        node.subject = self._e(node.subject)
        for case in node.cases:
            bound = self._bind(_names(case.pattern), case.pattern)
            if case.guard is None:
                case.body = [*bound, *self._block(case.body)]
                continue
            tests = [cast(ast.Expr, statement).value for statement in bound]
            guard = self._e(case.guard)
            case.guard = (
                ast.copy_location(ast.BoolOp(ast.And(), [*tests, guard]), guard) if tests else guard
            )
            case.body = self._block(case.body)
        return [node]

    def _s_Raise(self, node: ast.Raise) -> list[ast.stmt]:
        node.exc = self._e(node.exc) if node.exc else None
        node.cause = self._e(node.cause) if node.cause else None
        return [node]

    def _s_Assert(self, node: ast.Assert) -> list[ast.stmt]:
        node.test = self._e(node.test)
        node.msg = self._e(node.msg) if node.msg else None
        return [node]

    def _s_Delete(self, node: ast.Delete) -> list[ast.stmt]:
        new: list[ast.stmt] = []
        for target in node.targets:
            if isinstance(target, ast.Attribute):
                name = ast.Constant(self._mangled(target.attr))
                call = _hook(
                    "delete attribute", target, self._token(node), self._e(target.value), name
                )
                new.append(_statement(call, target))
            elif isinstance(target, ast.Subscript):
                index = self._index(target.slice)
                call = _hook("delete item", target, self._token(node), self._e(target.value), index)
                new.append(_statement(call, target))
            else:
                new.append(ast.copy_location(ast.Delete([target]), node))
                new += self._unbind(
                    [n.id for n in ast.walk(target) if isinstance(n, ast.Name)], target
                )
        return new

    def _unbind(self, names: list[str], node: ast.AST) -> list[ast.stmt]:
        if self.scope.quiet:
            return []
        constant = ast.Constant(cast(Any, tuple(names)))
        return [_statement(_hook("unbind", node, self._token(node), constant), node)]

    def _s_Import(self, node: ast.Import | ast.ImportFrom) -> list[ast.stmt]:
        if any(alias.name == "*" for alias in node.names):
            return [node]
        names = [alias.asname or alias.name.split(".")[0] for alias in node.names]
        return [node, *self._bind(names, node)]

    _s_ImportFrom = _s_Import

    def _s_FunctionDef(self, node: ast.FunctionDef) -> list[ast.stmt]:
        self._header(node)
        self._function(node, f"{self.scope.qualname}.<locals>.", self.scope.class_name)
        return [node, *self._bind([node.name], node)]

    def _s_ClassDef(self, node: ast.ClassDef) -> list[ast.stmt]:
        outer = self.scope
        self.scope = _Scope(outer.qualname, True, False, frozenset(), node.name)
        self._outside_functions(node, f"{outer.qualname}.<locals>.{node.name}.", node.name)
        self.scope = outer
        return [node, *self._bind([node.name], node)]

    # Expressions -------------------------------------------------------------------------------

    def _quietly(self, node: ast.expr) -> ast.expr:
        """Rewritten so that it logs what it overwrites, but has no events of its own."""
        outer = self.scope
        self.scope = _Scope(
            outer.qualname, True, False, outer.outside, outer.class_name, outer.phase
        )
        new = self._e(node)
        self.scope = outer
        return new

    def _e(self, node: ast.expr, report: bool = True) -> ast.expr:
        rewrite = cast(
            "Callable[[ast.expr], ast.expr] | None",
            getattr(self, f"_e_{type(node).__name__}", None),
        )
        if rewrite is not None:
            return rewrite(node)
        if isinstance(node, (ast.Constant, ast.Name)) or _is_constant(node):
            return node
        self._children(node)
        return self._report(node, node) if report else node

    def _children(self, node: ast.AST) -> None:
        for name, value in ast.iter_fields(node):
            if isinstance(value, ast.expr):
                setattr(node, name, self._e(value))
            elif isinstance(value, list):
                setattr(node, name, [self._e(v) if isinstance(v, ast.expr) else v for v in value])

    def _e_Attribute(self, node: ast.Attribute) -> ast.expr:
        value = self._e(node.value)
        if self.scope.quiet:
            node.value = value
            return node
        name = ast.Constant(self._mangled(node.attr))
        site = self._site(Kind.EXPRESSION, node)
        return _hook("attribute", node, self._token(node), site, value, name)

    def _e_Call(self, node: ast.Call) -> ast.expr:
        if isinstance(node.func, ast.Attribute):  # a bound method on its way to a call is no event
            node.func.value = self._e(node.func.value)
        else:
            node.func = self._e(node.func)
        site = self._site(Kind.EXPRESSION, node)
        arguments = [self._e(argument) for argument in node.args]
        for keyword in node.keywords:
            keyword.value = self._e(keyword.value)
        if isinstance(node.func, ast.Name) and node.func.id in _LOOKS_AT_ITS_CALLER:
            node.args = arguments
            value: ast.expr = node
            if node.func.id in ("locals", "vars", "dir") and not node.args:
                value = _hook("without token", node, node)
            return self._report(node, value)
        kind = "apply" if node.keywords else "apply to all"
        call = _hook(kind, node, self._token(node), site, node.func, *arguments)
        call.keywords = node.keywords
        return call

    def _e_Starred(self, node: ast.Starred) -> ast.expr:
        node.value = self._e(node.value)
        return node

    def _slice(self, node: ast.expr) -> ast.expr:
        """An index: its parts are expressions, itself it is syntax and no event."""
        if isinstance(node, ast.Slice):
            for part in ("lower", "upper", "step"):
                value = getattr(node, part)
                if value is not None:
                    setattr(node, part, self._e(value))
            return node
        if isinstance(node, ast.Tuple):
            node.elts = [self._slice(element) for element in node.elts]
            return node
        return self._e(node)

    def _e_Subscript(self, node: ast.Subscript) -> ast.expr:
        node.value = self._e(node.value)
        has_slice = any(isinstance(part, ast.Slice) for part in ast.walk(node.slice))
        node.slice = self._slice(node.slice)
        if not has_slice:
            node.value = _hook("subscripted", node.value, self._token(node), node.value)
        return self._report(node, node)

    def _e_NamedExpr(self, node: ast.NamedExpr) -> ast.expr:
        node.value = self._e(node.value)
        if self.scope.quiet or node.target.id in self.scope.outside:
            return self._report(node, node)
        name = ast.Constant(node.target.id)
        site = self._site(Kind.EXPRESSION, node)
        return _hook("named expression", node, self._token(node), site, name, node)

    def _e_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        self._formatted(node)
        return self._report(node, node)

    def _formatted(self, node: ast.JoinedStr) -> None:
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                part.value = self._e(part.value)
                if isinstance(part.format_spec, ast.JoinedStr):
                    self._formatted(part.format_spec)

    def _e_Lambda(self, node: ast.Lambda) -> ast.expr:
        self._defaults(node.args)
        node.body = self._quietly(node.body)
        return self._report(node, _hook("made", node, node))

    def _e_GeneratorExp(self, node: ast.GeneratorExp) -> ast.expr:
        first = node.generators[0]
        first.iter = self._e(first.iter)  # evaluated at once; the rest when it is asked for
        node.elt = self._quietly(node.elt)
        for number, generator in enumerate(node.generators):
            if number:
                generator.iter = self._quietly(generator.iter)
            generator.ifs = [self._quietly(test) for test in generator.ifs]
        return self._report(node, node)

    def _comprehension(self, node: Any) -> ast.expr:
        bound: list[str] = []
        for generator in node.generators:
            generator.iter = self._e(generator.iter)
            names = _names(generator.target)
            bound += names
            generator.ifs = [self._e(test) for test in generator.ifs]
            if names and not self.scope.quiet:
                values = ast.Tuple([_load(name, generator.target) for name in names], ast.Load())
                constant = ast.Constant(cast(Any, tuple(names)))
                token = self._token(generator.target)
                generator.ifs.insert(0, _hook("bind", generator.target, token, constant, values))
        if isinstance(node, ast.DictComp):
            node.key, node.value = self._e(node.key), self._e(node.value)
        else:
            node.elt = self._e(node.elt)
        if self.scope.quiet:
            return cast(ast.expr, node)
        site = self._site(Kind.EXPRESSION, node)
        constant = ast.Constant(cast(Any, tuple(dict.fromkeys(bound))))
        before = _hook("mark", node, self._token(node), constant)
        return _hook("comprehension", node, self._token(node), site, before, node)

    _e_ListComp = _e_SetComp = _e_DictComp = _comprehension

    def _e_Yield(self, node: ast.Yield) -> ast.expr:
        self._children(node)
        return node

    _e_YieldFrom = _e_Await = _e_Yield
