"""What a Python one-liner may name: builtins, functions of modules, methods, attributes.

All of these only read, whatever they are given. What is not here is asked; so are functions that
run what they are told (``pickle.load``, ``operator.methodcaller``, ``timeit.timeit``).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

#: Builtins that may be called, and handed to others as they are: ``map(str, x)``, ``key=len``.
_HANDED: Final = """
    abs all any ascii bin bool bytearray bytes callable chr complex dict divmod enumerate filter float
    format frozenset hash hex id int isinstance issubclass iter len list map max memoryview min next
    object oct ord pow print range repr reversed round set slice sorted str sum tuple zip
"""
HANDED: Final = frozenset(_HANDED.split())
#: These may be called only.
_CALLED: Final = """
compile hasattr open type exit quit
"""
CALLED: Final = frozenset(_CALLED.split())
CONSTANTS: Final = frozenset(("__name__", "__file__", "__doc__", "Ellipsis", "NotImplemented"))
#: Attributes of a module or a value that begin with an underscore, and those that tell a version.
SPECIAL: Final = ("__version__", "__file__", "__name__", "__doc__")
VERSIONS: Final = (*SPECIAL, "VERSION", "version_info", "__version_info__")
#: Functions by their module. ``*`` stands for all that it has; such may be called, not handed on.
FUNCTIONS: Final[dict[str, str]] = {
    "ast": "parse walk dump literal_eval get_docstring iter_child_nodes iter_fields unparse "
    "get_source_segment",
    "base64": "*", "binascii": "*", "bisect": "bisect bisect_left bisect_right",
    "calendar": "month calendar monthrange isleap month_name timegm",
    "codecs": "decode encode lookup",
    "collections": "Counter defaultdict OrderedDict deque namedtuple ChainMap",
    "configparser": "ConfigParser RawConfigParser",
    "copy": "copy deepcopy",
    "csv": "reader DictReader",
    "datetime": "datetime date time timedelta timezone datetime.now datetime.utcnow "
    "datetime.fromtimestamp datetime.utcfromtimestamp datetime.fromisoformat datetime.strptime "
    "datetime.today datetime.combine date.today date.fromisoformat date.fromtimestamp",
    "decimal": "Decimal",
    "difflib": "unified_diff ndiff context_diff get_close_matches SequenceMatcher",
    "email": "message_from_string message_from_bytes message_from_file message_from_binary_file",
    "fnmatch": "fnmatch fnmatchcase filter translate",
    "fractions": "Fraction",
    "functools": "reduce cmp_to_key",
    "getpass": "getuser",
    "glob": "glob iglob escape",
    "hashlib": "md5 sha1 sha224 sha256 sha384 sha512 sha3_256 blake2b blake2s new file_digest",
    "heapq": "nlargest nsmallest merge heapify heappush heappop",
    "html": "escape unescape",
    "importlib.metadata": "version metadata requires files distribution distributions entry_points "
    "packages_distributions",
    "io": "StringIO BytesIO",
    "ipaddress": "ip_address ip_network ip_interface",
    "itertools": "*",
    "json": "load loads dumps dump",
    "keyword": "iskeyword",
    "locale": "getpreferredencoding getlocale getdefaultlocale",
    "math": "*", "cmath": "*", "statistics": "*", "unicodedata": "*",
    "operator": "itemgetter add sub mul truediv floordiv mod neg eq ne lt le gt ge not_ truth",
    "os": "getcwd listdir scandir walk stat lstat getenv cpu_count getpid getppid getuid geteuid "
    "getgid uname access readlink fspath fsencode fsdecode getloadavg get_terminal_size getlogin",
    "os.environ": "get keys values items",
    "os.path": "join exists isfile isdir islink basename dirname splitext split abspath realpath relpath "
    "getsize getmtime getctime getatime expanduser expandvars normpath commonpath commonprefix "
    "samefile lexists isabs ismount normcase",
    "pathlib": "Path PurePath PosixPath PurePosixPath PureWindowsPath Path.home Path.cwd",
    "pkgutil": "iter_modules",
    "platform": "system release version machine node platform python_version python_implementation "
    "architecture uname mac_ver libc_ver processor python_version_tuple freedesktop_os_release",
    "plistlib": "load loads",
    "pprint": "pprint pformat pp",
    "pwd": "getpwuid getpwnam", "grp": "getgrgid getgrnam",
    "random": "random randint choice choices sample uniform shuffle seed",
    "re": "compile search match fullmatch findall finditer sub subn split escape",
    "resource": "getrlimit",
    "secrets": "token_hex token_urlsafe token_bytes choice randbelow",
    "shlex": "split join quote",
    "shutil": "which disk_usage get_terminal_size",
    "site": "getsitepackages getusersitepackages getuserbase",
    "socket": "gethostname getfqdn gethostbyname getaddrinfo",
    "ssl": "get_default_verify_paths",
    "stat": "filemode S_ISDIR S_ISREG S_ISLNK S_IMODE S_IFMT",
    "string": "capwords Template",
    "struct": "pack unpack unpack_from iter_unpack calcsize",
    "sys": "exit getsizeof getdefaultencoding getfilesystemencoding getrecursionlimit "
    "stdin.read stdin.readline stdin.readlines stdin.isatty stdin.buffer.read stdout.write "
    "stdout.reconfigure stdout.flush stdout.isatty stdout.buffer.write "
    "stderr.reconfigure stderr.write stderr.flush stderr.isatty",
    "sysconfig": "get_path get_paths get_config_var get_config_vars get_platform get_python_version",
    "textwrap": "dedent indent fill wrap shorten",
    "time": "time sleep perf_counter monotonic strftime localtime gmtime ctime time_ns mktime strptime",
    "tokenize": "generate_tokens",
    "tomllib": "load loads", "tomli": "load loads", "toml": "load loads",
    "traceback": "print_exc format_exc",
    "zoneinfo": "ZoneInfo available_timezones",
    "urllib.parse": "*",
    "urllib.request": "urlopen Request",
    "uuid": "uuid4 UUID uuid5",
    "warnings": "filterwarnings simplefilter",
    "xml.etree.ElementTree": "parse fromstring iterparse tostring",
    "xml.dom.minidom": "parse parseString",
    "yaml": "safe_load safe_load_all safe_dump",
    "zipfile": "is_zipfile", "tarfile": "is_tarfile",
    "zlib": "crc32 adler32 compress decompress",
}  # fmt: skip
#: Open a file by a mode that stands second: it has to be one that reads.
OPENING: Final = ("io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "tarfile.open",
                  "zipfile.ZipFile", "tokenize.open")  # fmt: skip
#: Values of modules, which may be named uncalled.
VALUES: Final[dict[str, str]] = {
    "sys": "argv version version_info platform executable prefix base_prefix maxsize byteorder flags "
    "implementation api_version hexversion stdin stdin.buffer stdout stderr builtin_module_names "
    "stdlib_module_names float_info int_info maxunicode abiflags exec_prefix",
    "os": "environ sep linesep name pathsep curdir pardir R_OK W_OK X_OK F_OK",
    "os.path": "sep",
    "math": "pi e inf nan tau", "string": "ascii_letters ascii_lowercase ascii_uppercase digits "
    "punctuation hexdigits whitespace printable",
    "re": "I M S X A IGNORECASE MULTILINE DOTALL VERBOSE error",
    "json": "JSONDecodeError decoder.JSONDecodeError",
    "site": "USER_SITE USER_BASE ENABLE_USER_SITE", "ssl": "OPENSSL_VERSION OPENSSL_VERSION_INFO",
    "sqlite3": "sqlite_version version sqlite_version_info", "zlib": "ZLIB_VERSION",
    "datetime": "timezone.utc UTC date.min date.max", "keyword": "kwlist",
    "importlib.metadata": "PackageNotFoundError", "urllib.error": "URLError HTTPError",
    "yaml": "YAMLError", "tomllib": "TOMLDecodeError", "xml.etree.ElementTree": "ParseError",
    "typing": "Any Optional Union", "readline": "", "pyexpat": "EXPAT_VERSION",
    "hashlib": "algorithms_available",
    "tkinter": "TkVersion TclVersion", "curses": "version", "importlib": "", "xml": "", "urllib": "",
    "locale": "LC_ALL",
}  # fmt: skip
#: Lists and tables that Python itself goes by: they may be looked at, and kept nowhere.
LENT: Final = ("sys.path", "sys.modules")
_LOOKING: Final = """
print len list tuple sorted repr str enumerate any pprint.pprint json.dumps
"""
LOOKING: Final = frozenset(_LOOKING.split())
#: Methods that write nothing, of whatever has one of this name here.
_METHODS: Final = """
    capitalize casefold center count decode encode endswith expandtabs find format format_map index
    isalnum isalpha isascii isdecimal isdigit isidentifier islower isnumeric isprintable isspace
    istitle isupper join ljust lower lstrip maketrans partition removeprefix removesuffix rfind
    rindex rjust rpartition rsplit rstrip split splitlines startswith strip swapcase title translate
    upper zfill hex fromhex
    append clear extend insert pop remove reverse sort add discard difference intersection union
    issubset issuperset isdisjoint symmetric_difference get items keys values setdefault update
    fromkeys most_common elements total subtract popitem move_to_end appendleft popleft rotate
    bit_length bit_count to_bytes from_bytes is_integer as_integer_ratio conjugate quantize
    read readline readlines seek tell close readable seekable getvalue fileno isatty
    read_text read_bytes exists is_file is_dir is_symlink is_absolute is_relative_to glob rglob
    iterdir resolve absolute relative_to with_suffix with_name with_stem stat lstat joinpath
    expanduser as_posix as_uri match samefile readlink owner group full_match walk
    group groups groupdict start end span expand fullmatch search findall finditer sub subn
    isoformat strftime date time timestamp weekday isoweekday isocalendar utcoffset astimezone
    total_seconds timetuple ctime toordinal
    digest hexdigest namelist infolist getinfo getnames getmembers getmember extractfile testzip
    isfile isdir issym
    sections options has_section has_option getint getboolean getfloat read_string read_file
    getroot iter findtext iterfind itertext toprettyxml getElementsByTagName getAttribute
    get_payload get_all get_content_type is_multipart geturl getcode getheader getheaders info
    ratio get_matching_blocks get_opcodes subnets hosts select
"""
METHODS: Final = frozenset(_METHODS.split())
#: These may not be handed on: what they do depends on how many words they are given.
COUNTED: Final = ("replace", "copy", "open")
_ATTRIBUTES: Final = """
    name names stem suffix suffixes parent parents parts anchor drive root path
    st_size st_mtime st_mode st_ino st_uid st_gid st_atime st_ctime st_nlink st_mtime_ns
    major minor micro releaselevel serial year month day hour minute second microsecond tzinfo days
    seconds microseconds real imag numerator denominator tag text tail attrib
    args code status reason headers url msg filename lineno colno offset pos doc strerror errno
    fieldnames line_num string pattern flags groupindex lastindex lastgroup regs
    file_size compress_size date_time CRC comment size mode mtime type linkname uid gid uname gname
    scheme netloc query fragment hostname port username password params
    version metadata requires files entry_points value group dist origin extras
    id body targets target func attr n s elts ctx keys values left right op ops comparators
    module level asname decorator_list returns annotation arg vararg kwarg kwonlyargs defaults
    col_offset end_lineno end_col_offset bases orelse test keywords handlers finalbody items iter
    closed encoding errors newlines buffer system node release machine processor
    maxlen default_factory fmt free total used start stop step
    tm_year tm_mon tm_mday tm_hour tm_min tm_sec pw_name pw_dir pw_uid pw_gid pw_shell gr_name
    documentElement firstChild childNodes nodeName nodeValue data attributes tagName
    ispkg
"""
ATTRIBUTES: Final = frozenset(_ATTRIBUTES.split())
