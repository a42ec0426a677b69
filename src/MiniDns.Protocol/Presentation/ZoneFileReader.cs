using System.Globalization;
using System.Text;
using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;

namespace MiniDns.Protocol.Presentation;

/// <summary>Reads the records of a zone file (RFC 1035 §5, RFC 2308 §4, RFC 3597 §5; <c>$GENERATE</c> as BIND has it), one at a time.</summary>
/// <remarks>
/// The whole text is in memory; a record costs no allocation. What is wrong is collected in <see cref="Errors"/> with its place,
/// and reading goes on with the next entry.
/// </remarks>
public sealed class ZoneFileReader
{
    private const uint MaxTtl = int.MaxValue;                       // RFC 2181 §8
    private const int MaxQuoted = 40;                               // octets of a wrong word in a message

    private readonly ZoneFileOptions _options;
    private readonly List<ZoneFileError> _errors = [];
    private readonly Stack<Source> _includers = new();
    private readonly byte[] _owner = new byte[DnsNameView.MaxLength];
    private readonly byte[] _rdata = new byte[RdataWire.MaxLength];
    private readonly byte[] _origin = new byte[DnsNameView.MaxLength];
    private Source _source;
    private int _originLength;
    private int _ownerLength;                                       // 0 before the first owner, -1 after a malformed one
    private int _rdataLength;
    private uint? _ttl;                                             // of $TTL
    private uint? _lastTtl;                                         // of the last record that told it
    private Generator? _generator;
    private HashSet<string>? _included;                             // the files that were included
    private int _includes;
    private long _repeatedText;
    private long _generated;
    private long _generatedText;

    /// <summary>Starts reading.</summary>
    /// <param name="text">The file's octets, UTF-8; a byte order mark is passed over.</param>
    /// <param name="options">How it is read.</param>
    public ZoneFileReader(ReadOnlyMemory<byte> text, ZoneFileOptions options)
    {
        _options = options;
        _source = new Source(options.FileName, text);
        _originLength = options.Origin.Length;
        options.Origin.Wire.CopyTo(_origin);
        Class = options.DefaultClass;
        File = options.FileName;
    }

    /// <summary>The present record's owner; it is good until the next <see cref="TryRead"/>.</summary>
    public DnsNameView Owner => new(_owner.AsSpan(0, Math.Max(_ownerLength, 0)));

    /// <summary>The present record's class.</summary>
    public DnsRecordClass Class { get; private set; }

    /// <summary>The present record's time to live, in seconds.</summary>
    public uint Ttl { get; private set; }

    /// <summary>The present record's type.</summary>
    public DnsRecordType Type { get; private set; }

    /// <summary>The present record's rdata, names uncompressed; it is good until the next <see cref="TryRead"/>.</summary>
    public ReadOnlySpan<byte> Rdata => _rdata.AsSpan(0, _rdataLength);

    /// <summary>The file that holds the present record.</summary>
    public string File { get; private set; }

    /// <summary>The line the present record starts in, from 1.</summary>
    public int Line { get; private set; }

    /// <summary>The column, in octets from 1, that the present record starts in.</summary>
    public int Column { get; private set; }

    /// <summary>What was wrong so far.</summary>
    public IReadOnlyList<ZoneFileError> Errors => _errors;

    /// <summary>Starts reading text.</summary>
    public static ZoneFileReader FromText(string text, ZoneFileOptions options) => new(Encoding.UTF8.GetBytes(text), options);

    /// <summary>Starts reading a file, with includes allowed.</summary>
    /// <param name="path">The file; it becomes <see cref="ZoneFileOptions.FileName"/>.</param>
    /// <param name="options">How it is read.</param>
    /// <exception cref="IOException">The file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be read.</exception>
    public static ZoneFileReader FromFile(string path, ZoneFileOptions options) => new(
        System.IO.File.ReadAllBytes(path),
        options with { FileName = path, Include = options.Include ?? (static included => System.IO.File.ReadAllBytes(included)) });

    /// <summary>Starts anew with another text, with the same options.</summary>
    /// <param name="text">The text's octets, UTF-8; they have to stay as they are while they are read.</param>
    public void Restart(ReadOnlyMemory<byte> text)
    {
        _errors.Clear();
        _includers.Clear();
        _source = new Source(_options.FileName, text);
        _originLength = _options.Origin.Length;
        _options.Origin.Wire.CopyTo(_origin);
        _ownerLength = 0;
        _rdataLength = 0;
        _ttl = null;
        _lastTtl = null;
        _generator = null;
        _included = null;
        _includes = 0;
        _repeatedText = 0;
        _generated = 0;
        _generatedText = 0;
        Class = _options.DefaultClass;
        File = _options.FileName;
    }

    /// <summary>Reads the next record.</summary>
    /// <returns>False at the end of the file; <see cref="Errors"/> then tells whether all of it was right.</returns>
    public bool TryRead()
    {
        while (_errors.Count < _options.MaxErrors)
        {
            if (_generator is not null)
            {
                if (TryGenerate())
                {
                    return true;
                }

                continue;
            }

            if (_source.Position >= _source.Text.Length)
            {
                if (!_includers.TryPop(out Source includer))
                {
                    return false;
                }

                _source = includer;
                RestoreNames(includer);
                continue;
            }

            if (TryReadEntry())
            {
                return true;
            }
        }

        return false;
    }

    private bool TryReadEntry()
    {
        Source source = _source;
        var lexer = new ZoneLexer(source.Text.Span, source.Position, source.Line);
        bool blank = lexer.IsAtBlank;
        bool found = false;
        Included included = default;
        File = source.Name;
        if (lexer.TryNext(out ZoneToken token))
        {
            Line = lexer.ErrorLine;
            Column = lexer.ErrorColumn;
            if (!blank && !token.IsQuoted && lexer.Slice(token)[0] == '$')
            {
                TryReadDirective(ref lexer, token, ref included);
            }
            else
            {
                found = TryReadRecord(ref lexer, token, blank);
            }
        }

        if (lexer.Error is not null)
        {
            AddError(lexer.ErrorLine, lexer.ErrorColumn, lexer.Error);
        }

        lexer.SkipEntry();
        _source = source with { Position = lexer.Position, Line = lexer.Line };
        if (included.Name is not null)
        {
            Enter(included);
        }

        return found;
    }

    /// <summary>Reads <c>[owner] [ttl] [class] type rdata</c>, where time to live and class may come in either order.</summary>
    private bool TryReadRecord(ref ZoneLexer lexer, ZoneToken token, bool ownerOmitted)
    {
        if (!ownerOmitted)
        {
            if (!RdataParser.TryParseName(lexer.Slice(token), OriginView, _owner, out int length, out string? error))
            {
                _ownerLength = -1;
                return lexer.Fail(token.IsQuoted ? "an owner name must not be quoted" : error);
            }

            _ownerLength = length;
            if (!lexer.TryExpect("a type", out token))
            {
                return false;
            }
        }
        else if (_ownerLength <= 0)
        {
            // after a malformed owner its other records are passed over without a second error
            return _ownerLength == 0 && lexer.Fail("the first record must start with its owner name, without a blank before it");
        }

        uint? ttl = null;
        DnsRecordClass? @class = null;
        DnsRecordType type;
        while (!TryReadTypeOrAttribute(ref lexer, token, ref ttl, ref @class, out type))
        {
            if (lexer.Error is not null || !lexer.TryExpect("a type", out token))
            {
                return false;
            }
        }

        if (type is DnsRecordType.OPT or (>= (DnsRecordType)128 and <= DnsRecordType.ANY))
        {
            return lexer.Fail($"{DnsTypeText.Format(type)} must not stand in a zone file: it is for questions or messages only");
        }

        int line = lexer.ErrorLine;
        int column = lexer.ErrorColumn;
        if (!RdataParser.TryParse(type, ref lexer, OriginView, _rdata, out _rdataLength))
        {
            return false;
        }

        Type = type;
        Class = @class ?? _options.DefaultClass;
        if (ttl is not null)
        {
            _lastTtl = ttl;
        }

        ttl ??= _ttl ?? _lastTtl;
        if (ttl is null && type == DnsRecordType.SOA)
        {
            // as BIND does: the zone's minimum is the best guess, also for the records that follow
            ttl = _lastTtl = Math.Min(System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(Rdata[^4..]), MaxTtl);
        }

        ttl ??= _options.DefaultTtl;
        if (ttl is null)
        {
            return lexer.FailAt(line, column, "a time to live must stand before the type, or a $TTL line before the record");
        }

        Ttl = ttl.Value;
        return true;
    }

    /// <summary>Tells a type from the time to live and the class before it.</summary>
    /// <returns>True for a type; else the token was one of the others, or is an error.</returns>
    private static bool TryReadTypeOrAttribute(ref ZoneLexer lexer, ZoneToken token, ref uint? ttl, ref DnsRecordClass? @class, out DnsRecordType type)
    {
        ReadOnlySpan<byte> text = lexer.Slice(token);
        type = default;
        if (!token.IsQuoted)
        {
            if (ttl is null && text.Length > 0 && char.IsAsciiDigit((char)text[0]))
            {
                if (!NumberText.TryParseSeconds(text, out uint seconds) || seconds > MaxTtl)
                {
                    return lexer.Fail("a time to live must be seconds up to 2147483647, such as 3600 or 1h30m");
                }

                ttl = seconds;
                return false;
            }

            // ANY is both a type and a class, and neither has a place here
            if (@class is null && DnsClassText.TryParse(text, out DnsRecordClass read) && read is not (DnsRecordClass.ANY or DnsRecordClass.NONE))
            {
                @class = read;
                return false;
            }

            if (DnsTypeText.TryParse(text, out type))
            {
                return true;
            }
        }

        string word = text.Length > MaxQuoted ? Encoding.UTF8.GetString(text[..MaxQuoted]) + "…" : Encoding.UTF8.GetString(text);
        return lexer.Fail($"\"{word}\" must be a type such as A, MX or TYPE65280");
    }

    private bool TryReadDirective(ref ZoneLexer lexer, ZoneToken token, ref Included included)
    {
        ReadOnlySpan<byte> name = lexer.Slice(token)[1..];
        if (Ascii.EqualsIgnoreCase(name, "ORIGIN"u8))
        {
            return TryReadOrigin(ref lexer);
        }

        if (Ascii.EqualsIgnoreCase(name, "TTL"u8))
        {
            if (!lexer.TryExpect("a time to live", out token))
            {
                return false;
            }

            if (!NumberText.TryParseSeconds(lexer.Slice(token), out uint ttl) || ttl > MaxTtl)
            {
                return lexer.Fail("a time to live must be seconds up to 2147483647, such as 3600 or 1h30m");
            }

            _ttl = ttl;
            return ExpectEnd(ref lexer);
        }

        if (Ascii.EqualsIgnoreCase(name, "INCLUDE"u8))
        {
            return TryReadInclude(ref lexer, ref included);
        }

        return Ascii.EqualsIgnoreCase(name, "GENERATE"u8)
            ? TryStartGenerator(ref lexer)
            : lexer.Fail("a directive must be $ORIGIN, $TTL, $INCLUDE or $GENERATE; a name that starts with $ is written \\$");
    }

    private bool TryReadOrigin(ref ZoneLexer lexer)
    {
        if (!lexer.TryExpect("a name", out ZoneToken token))
        {
            return false;
        }

        Span<byte> origin = stackalloc byte[DnsNameView.MaxLength];
        if (!RdataParser.TryParseName(lexer.Slice(token), OriginView, origin, out int length, out string? error))
        {
            return lexer.Fail(error);
        }

        origin[..length].CopyTo(_origin);
        _originLength = length;
        return ExpectEnd(ref lexer);
    }

    private bool TryReadInclude(ref ZoneLexer lexer, ref Included included)
    {
        if (!lexer.TryExpect("the path of a file", out ZoneToken token))
        {
            return false;
        }

        if (_options.Include is not { } include)
        {
            return lexer.Fail("$INCLUDE must not be used here");
        }

        if (_includers.Count >= _options.MaxIncludeDepth)
        {
            return lexer.Fail(string.Create(CultureInfo.InvariantCulture, $"includes must not nest deeper than {_options.MaxIncludeDepth}; does a file include itself?"));
        }

        if (_includes >= _options.MaxIncludes)
        {
            return lexer.Fail(string.Create(CultureInfo.InvariantCulture, $"there must not be more than {_options.MaxIncludes} includes in all; do files include each other?"));
        }

        byte[] path = new byte[token.End - token.Start];
        if (!CharacterStringText.TryUnescape(lexer.Slice(token), path, out int length, out string? error))
        {
            return lexer.Fail(error!);
        }

        string file = Path.Combine(Path.GetDirectoryName(_source.Name) ?? "", Encoding.UTF8.GetString(path, 0, length));
        byte[]? origin = null;
        if (lexer.TryNext(out token))
        {
            Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
            if (!RdataParser.TryParseName(lexer.Slice(token), OriginView, wire, out int octets, out error))
            {
                return lexer.Fail(error);
            }

            origin = wire[..octets].ToArray();
        }

        if (!ExpectEnd(ref lexer))
        {
            return false;
        }

        _includes++;
        try
        {
            ReadOnlyMemory<byte> text = include(file);
            if (!(_included ??= new HashSet<string>(StringComparer.Ordinal)).Add(Path.GetFullPath(file)) && (_repeatedText += text.Length) > _options.MaxRepeatedText)
            {
                return lexer.Fail(string.Create(CultureInfo.InvariantCulture, $"what is included more than once must not be longer than {_options.MaxRepeatedText} octets together"));
            }

            included = new Included(file, text, origin);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return lexer.Fail($"{file} cannot be read: {e.Message}");
        }
    }

    private static bool ExpectEnd(ref ZoneLexer lexer) => lexer.TryNext(out _) ? lexer.Fail("the line must end here") : lexer.Error is null;

    private void Enter(Included included)
    {
        _includers.Push(_source with
        {
            Origin = _origin.AsSpan(0, _originLength).ToArray(),
            Owner = _ownerLength < 0 ? null : _owner.AsSpan(0, _ownerLength).ToArray(),
        });
        _source = new Source(included.Name, included.Text);
        if (included.Origin is not null)
        {
            included.Origin.CopyTo(_origin, 0);
            _originLength = included.Origin.Length;
        }
    }

    /// <summary>After an include the origin and the owner are what they were before it (RFC 1035 §5.1).</summary>
    private void RestoreNames(Source includer)
    {
        includer.Origin!.CopyTo(_origin, 0);
        _originLength = includer.Origin.Length;
        includer.Owner?.CopyTo(_owner, 0);
        _ownerLength = includer.Owner?.Length ?? -1;
    }

    private bool TryStartGenerator(ref ZoneLexer lexer)
    {
        int line = lexer.ErrorLine;
        int column = lexer.ErrorColumn;
        if (!lexer.TryExpect("a range", out ZoneToken range))
        {
            return false;
        }

        ReadOnlySpan<byte> text = lexer.Slice(range);
        int slash = text.IndexOf((byte)'/');
        ReadOnlySpan<byte> ends = slash < 0 ? text : text[..slash];
        int dash = ends.IndexOf((byte)'-');
        ulong step = 1;
        if (dash < 0
            || !NumberText.TryParse(ends[..dash], int.MaxValue, out ulong start)
            || !NumberText.TryParse(ends[(dash + 1)..], int.MaxValue, out ulong stop)
            || (slash >= 0 && !NumberText.TryParse(text[(slash + 1)..], int.MaxValue, out step))
            || stop < start
            || step == 0)
        {
            return lexer.Fail("a range must be start-stop or start-stop/step, with stop not below start");
        }

        if (((stop - start) / step) + 1 > (ulong)_options.MaxGenerate)
        {
            return lexer.Fail(string.Create(CultureInfo.InvariantCulture, $"a range must not make more than {_options.MaxGenerate} records"));
        }

        if (_generated + (long)((stop - start) / step) + 1 > _options.MaxGenerated)
        {
            return lexer.Fail(string.Create(CultureInfo.InvariantCulture, $"all ranges together must not make more than {_options.MaxGenerated} records"));
        }

        _generated += (long)((stop - start) / step) + 1;
        if (!lexer.TryExpect("an owner name", out ZoneToken owner) || !lexer.TryExpect("a type", out ZoneToken rest))
        {
            return false;
        }

        int from = rest.IsQuoted ? rest.Start - 1 : rest.Start;
        while (lexer.TryNext(out _))
        {
        }

        if (lexer.Error is not null)
        {
            return false;
        }

        _generator = new Generator(_source.Text[owner.Start..owner.End], _source.Text[from..lexer.Position], line, column, (long)start, (long)stop, (long)step);
        return true;
    }

    private bool TryGenerate()
    {
        Generator generator = _generator!;
        if (generator.Next > generator.Stop)
        {
            _generator = null;
            return false;
        }

        int number = (int)generator.Next;
        generator.Next += generator.Step;
        var text = new PresentationWriter(generator.Buffer);
        if (!GenerateTemplate.TryExpand(generator.Owner.Span, number, ref text, out string? error))
        {
            return StopGenerator(generator, error!);
        }

        text.Append((byte)' ');
        if (!GenerateTemplate.TryExpand(generator.Rest.Span, number, ref text, out error) || text.Overflowed)
        {
            return StopGenerator(generator, error ?? "a generated record must not be longer than 65535 octets of text");
        }

        if ((_generatedText += text.Length) > _options.MaxGeneratedText)
        {
            return StopGenerator(generator, string.Create(CultureInfo.InvariantCulture, $"what all ranges make must not be longer than {_options.MaxGeneratedText} octets of text together"));
        }

        Line = generator.Line;
        Column = generator.Column;
        var lexer = new ZoneLexer(generator.Buffer.AsSpan(0, text.Length));
        bool read = lexer.TryNext(out ZoneToken token) && TryReadRecord(ref lexer, token, ownerOmitted: false);
        return read || StopGenerator(generator, lexer.Error is null ? null : string.Create(CultureInfo.InvariantCulture, $"record {number} of $GENERATE: {lexer.Error}"));
    }

    private bool StopGenerator(Generator generator, string? error)
    {
        // what is wrong with one record is wrong with nearly all
        _generator = null;
        if (error is not null)
        {
            AddError(generator.Line, generator.Column, error);
        }

        return false;
    }

    private void AddError(int line, int column, string message) => _errors.Add(new ZoneFileError(File, line, column, message));

    private DnsNameView OriginView => new(_origin.AsSpan(0, _originLength));

    private readonly record struct Source(string Name, ReadOnlyMemory<byte> Text)
    {
        public int Position { get; init; } = Text.Span.StartsWith("\uFEFF"u8) ? 3 : 0;

        public int Line { get; init; } = 1;

        public byte[]? Origin { get; init; }

        public byte[]? Owner { get; init; }
    }

    private readonly record struct Included(string Name, ReadOnlyMemory<byte> Text, byte[]? Origin);

    private sealed class Generator(ReadOnlyMemory<byte> owner, ReadOnlyMemory<byte> rest, int line, int column, long start, long stop, long step)
    {
        public ReadOnlyMemory<byte> Owner { get; } = owner;

        public ReadOnlyMemory<byte> Rest { get; } = rest;

        public int Line { get; } = line;

        public int Column { get; } = column;

        public long Next { get; set; } = start;

        public long Stop { get; } = stop;

        public long Step { get; } = step;

        public byte[] Buffer { get; } = new byte[65_535];
    }
}
