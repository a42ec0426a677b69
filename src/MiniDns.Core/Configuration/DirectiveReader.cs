using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using MiniDns.Protocol.Names;

namespace MiniDns.Configuration;

/// <summary>Reads one directive, or one property inside its braces: the way a plugin's setup looks at its configuration.</summary>
/// <remarks>
/// <para>Arguments are read from left to right. Every method that reads notes an error, with its place and what would be right, when
/// the argument is missing or wrong; a <c>Try…</c> method then gives false and the others their fallback, so a setup reads on and the
/// user sees all errors at once. Messages begin with the plugin's name, and with the property's inside braces.</para>
/// <para><see cref="Properties"/> reads the braces and <see cref="End"/> ends a directive that has none; both note arguments that nobody
/// read, so a setup never counts them itself. A whole setup:</para>
/// <code>
/// DirectiveReader reader = new(setup.Directives[0], setup.Diagnostics, setup.Block.Zones, setup.Block.Root);
/// string path = reader.HasArgument ? reader.Path() : "/etc/hosts";
/// IReadOnlyList&lt;DnsName&gt; zones = reader.Zones();
/// reader.Properties(
///     new()
///     {
///         ["ttl"] = p => ttl = p.Int(1, 65535, ttl),
///         ["reload"] = p => reload = p.Duration(reload),
///         ["no_reverse"] = _ => reverse = false,
///         ["fallthrough"] = p => fallthrough = Fallthrough.For(p.Zones([])),
///     },
///     other: p => lines.Add(p.Line()));
/// </code>
/// </remarks>
public sealed class DirectiveReader
{
    private readonly ConfigDiagnostics _diagnostics;
    private readonly string _prefix;
    private int _next;
    private bool _isBodyRead;

    /// <summary>Begins to read a directive.</summary>
    /// <param name="directive">The directive.</param>
    /// <param name="diagnostics">Takes errors and warnings.</param>
    /// <param name="blockZones">The zones of the server block: what <see cref="Zones()"/> gives when none are written.</param>
    /// <param name="root">The directory that relative paths are relative to (<c>root</c>).</param>
    public DirectiveReader(Directive directive, ConfigDiagnostics diagnostics, IReadOnlyList<DnsName>? blockZones = null, string root = ".")
        : this(directive, diagnostics, blockZones ?? [], root, $"{directive.Name.Text}: ")
    {
    }

    private DirectiveReader(Directive directive, ConfigDiagnostics diagnostics, IReadOnlyList<DnsName> blockZones, string root, string prefix)
    {
        Directive = directive;
        _diagnostics = diagnostics;
        BlockZones = blockZones;
        Root = root;
        _prefix = prefix;
    }

    /// <summary>What is read.</summary>
    public Directive Directive { get; }

    /// <summary>The directive's or property's name.</summary>
    public string Name => Directive.Name.Text;

    /// <summary>The zones of the server block.</summary>
    public IReadOnlyList<DnsName> BlockZones { get; }

    /// <summary>The directory that relative paths are relative to.</summary>
    public string Root { get; }

    /// <summary>True when an argument is left to read.</summary>
    public bool HasArgument => _next < Directive.Arguments.Count;

    /// <summary>How many arguments are left to read.</summary>
    public int ArgumentsLeft => Directive.Arguments.Count - _next;

    /// <summary>The next argument without reading it; null when none is left.</summary>
    public CorefileToken? Next => HasArgument ? Directive.Arguments[_next] : null;

    /// <summary>True when the next argument is a whole number: <c>cache 30</c> against <c>cache example.org</c>.</summary>
    public bool NextIsInteger => Next is { } token && TryParseInteger(token.Text, out _);

    /// <summary>Where an argument that is missing would stand, and where the last one read stands.</summary>
    public SourceSpan Span => _next > 0 ? Directive.Arguments[_next - 1].Span : Directive.Span;

    /// <summary>Notes an error at the last argument read, or at the name when none was.</summary>
    /// <param name="message">What is wrong and what would be right, without the plugin's name.</param>
    public void Error(string message) => _diagnostics.Error(Span, _prefix + message);

    /// <summary>Notes an error at a place of the caller's choice.</summary>
    public void Error(SourceSpan span, string message) => _diagnostics.Error(span, _prefix + message);

    /// <summary>Notes a warning at the last argument read, or at the name when none was.</summary>
    /// <param name="message">What is doubtful and what would be better, without the plugin's name.</param>
    public void Warning(string message) => _diagnostics.Warning(Span, _prefix + message);

    /// <summary>Notes an error when the number of arguments still to read is out of bounds.</summary>
    /// <param name="least">The least.</param>
    /// <param name="most">The most; <see cref="int.MaxValue"/> for no bound.</param>
    /// <param name="syntax">How it is written, for the message: <c>success CAPACITY [TTL] [MINTTL]</c>.</param>
    /// <returns>True when the number is right.</returns>
    public bool ArgumentCount(int least, int most, string syntax)
    {
        if (ArgumentsLeft >= least && ArgumentsLeft <= most)
        {
            return true;
        }

        string expected = least == most ? $"{least}" : most == int.MaxValue ? $"at least {least}" : $"{least} to {most}";
        SourceSpan span = ArgumentsLeft > most ? Directive.Arguments[_next + most].Span : Directive.Span;
        Error(span, $"{expected} argument(s) are expected, not {ArgumentsLeft}; write '{syntax}'");
        _next = Directive.Arguments.Count;
        return false;
    }

    /// <summary>Reads the next argument if it is a certain word.</summary>
    public bool TakeIf(string word)
    {
        bool isWord = Next is { } token && string.Equals(token.Text, word, StringComparison.Ordinal);
        _next += isWord ? 1 : 0;
        return isWord;
    }

    /// <summary>Reads a word.</summary>
    /// <param name="what">What it means, for the message when it is missing: <c>a server name</c>.</param>
    /// <param name="word">The word.</param>
    public bool TryWord(string what, [NotNullWhen(true)] out string? word)
    {
        bool isThere = TryTake(what, out CorefileToken? token);
        word = token?.Text;
        return isThere;
    }

    /// <summary>Reads a word, or gives an empty text after an error.</summary>
    public string Word(string what) => TryWord(what, out string? word) ? word : string.Empty;

    /// <summary>Reads all arguments that are left.</summary>
    public IReadOnlyList<CorefileToken> Rest()
    {
        CorefileToken[] rest = [.. Directive.Arguments.Skip(_next)];
        _next = Directive.Arguments.Count;
        return rest;
    }

    /// <summary>Reads the whole line, its first word included, as text with a space between words: a line that is no property but content.</summary>
    public string Line()
    {
        _next = Directive.Arguments.Count;
        return string.Join(' ', [Name, .. Directive.Arguments.Select(a => a.Text)]);
    }

    /// <summary>Reads all arguments left and all words in braces, line after line: for directives whose arguments may be spread over lines.</summary>
    public IReadOnlyList<CorefileToken> RestWithBody()
    {
        List<CorefileToken> words = [.. Rest()];
        _isBodyRead = true;
        AddWords(Directive.Body, words);
        return words;

        static void AddWords(IReadOnlyList<Directive> lines, List<CorefileToken> words)
        {
            foreach (Directive line in lines)
            {
                words.Add(line.Name);
                words.AddRange(line.Arguments);
                AddWords(line.Body, words);
            }
        }
    }

    /// <summary>Reads a whole number.</summary>
    /// <param name="least">The least that is right.</param>
    /// <param name="most">The most that is right.</param>
    /// <param name="value">The number.</param>
    public bool TryLong(long least, long most, out long value)
    {
        value = 0;
        string what = Describe(least, most);
        if (!TryTake(what, out CorefileToken? token))
        {
            return false;
        }

        return (TryParseInteger(token.Text, out value) && value >= least && value <= most) || Wrong(token, what);
    }

    /// <summary>Reads a whole number within bounds.</summary>
    public bool TryInt(int least, int most, out int value)
    {
        bool isRight = TryLong(least, most, out long number);
        value = isRight ? (int)number : 0;
        return isRight;
    }

    /// <summary>Reads a whole number within bounds, or gives the fallback after an error.</summary>
    public int Int(int least, int most, int fallback) => TryInt(least, most, out int value) ? value : fallback;

    /// <summary>Reads a whole number within bounds, or gives the fallback after an error.</summary>
    public long Long(long least, long most, long fallback) => TryLong(least, most, out long value) ? value : fallback;

    /// <summary>Reads a whole number followed by <c>%</c>, or gives the fallback after an error.</summary>
    public int Percent(int least, int most, int fallback)
    {
        string what = string.Create(CultureInfo.InvariantCulture, $"a percentage from {least}% to {most}%");
        if (!TryTake(what, out CorefileToken? token))
        {
            return fallback;
        }

        if (token.Text.EndsWith('%') && TryParseInteger(token.Text.AsSpan(0, token.Text.Length - 1), out long value) && value >= least && value <= most)
        {
            return (int)value;
        }

        Wrong(token, what);
        return fallback;
    }

    /// <summary>Reads a duration in Go's notation: <c>1h30m</c>, <c>250ms</c>.</summary>
    /// <param name="duration">The duration.</param>
    /// <param name="least">The least that is right; zero when left out.</param>
    /// <param name="most">The most that is right; no bound when left out.</param>
    /// <param name="bareSeconds">True when a number without a unit counts seconds, as some directives of CoreDNS have it.</param>
    public bool TryDuration(out TimeSpan duration, TimeSpan? least = null, TimeSpan? most = null, bool bareSeconds = false)
    {
        duration = default;
        TimeSpan from = least ?? TimeSpan.Zero;
        string bounds = most is TimeSpan to ? $" from {DurationText.Format(from)} to {DurationText.Format(to)}"
            : from == TimeSpan.MinValue ? string.Empty
            : from == TimeSpan.Zero ? ", not negative,"
            : $" of at least {DurationText.Format(from)}";
        string what = $"a duration{bounds} such as 1h30m, 5s or 250ms";
        if (!TryTake(what, out CorefileToken? token))
        {
            return false;
        }

        bool isDuration = bareSeconds ? DurationText.TryParseOrSeconds(token.Text, out duration) : DurationText.TryParse(token.Text, out duration);
        if (!isDuration && TryParseInteger(token.Text, out _))
        {
            what += $"; a unit is missing, write '{token.Text}s' for seconds";
        }

        return (isDuration && duration >= from && (most is null || duration <= most)) || Wrong(token, what);
    }

    /// <summary>Reads a duration, or gives the fallback after an error.</summary>
    public TimeSpan Duration(TimeSpan fallback, TimeSpan? least = null, TimeSpan? most = null, bool bareSeconds = false) =>
        TryDuration(out TimeSpan duration, least, most, bareSeconds) ? duration : fallback;

    /// <summary>Reads a size in octets: a whole number with an optional unit K, M, G (powers of 1024; <c>KB</c>, <c>KiB</c> and so on
    /// mean the same), or gives the fallback after an error.</summary>
    public long Size(long least, long most, long fallback)
    {
        string what = string.Create(CultureInfo.InvariantCulture, $"a size from {least} to {most} octets, such as 512, 64K or 16MB");
        if (!TryTake(what, out CorefileToken? token))
        {
            return fallback;
        }

        if (SizeText.TryParse(token.Text, out long size) && size >= least && size <= most)
        {
            return size;
        }

        Wrong(token, what);
        return fallback;
    }

    /// <summary>Reads <c>true</c>, <c>on</c>, <c>yes</c>, <c>1</c> or their opposites, or gives the fallback after an error.</summary>
    public bool Bool(bool fallback)
    {
        const string What = "'true' or 'false'";
        if (!TryTake(What, out CorefileToken? token))
        {
            return fallback;
        }

        switch (token.Text.ToLowerInvariant())
        {
            case "true" or "on" or "yes" or "1":
                return true;
            case "false" or "off" or "no" or "0":
                return false;
            default:
                Wrong(token, What);
                return fallback;
        }
    }

    /// <summary>Reads one of some words, or gives the fallback after an error.</summary>
    /// <param name="choices">The words and what each stands for.</param>
    /// <param name="fallback">What an error gives.</param>
    public T Choice<T>(IReadOnlyDictionary<string, T> choices, T fallback)
    {
        string what = $"one of {string.Join(", ", choices.Keys)}";
        if (!TryTake(what, out CorefileToken? token))
        {
            return fallback;
        }

        if (choices.TryGetValue(token.Text, out T? choice))
        {
            return choice;
        }

        Wrong(token, NearNames.Find(token.Text, choices.Keys) is string near ? $"{what}; did you mean '{near}'?" : what);
        return fallback;
    }

    /// <summary>Reads all arguments left as zones, names or networks; none means the zones of the server block.</summary>
    public IReadOnlyList<DnsName> Zones() => Zones(BlockZones);

    /// <summary>Reads all arguments left as zones, names or networks.</summary>
    /// <param name="whenNone">What no argument means.</param>
    /// <returns>The zones in lower case; a network stands for its reverse zones.</returns>
    public IReadOnlyList<DnsName> Zones(IReadOnlyList<DnsName> whenNone)
    {
        if (!HasArgument)
        {
            return whenNone;
        }

        List<DnsName> zones = [];
        while (HasArgument)
        {
            CorefileToken token = Directive.Arguments[_next++];
            if (ZoneText.TryParse(token.Text, out IReadOnlyList<DnsName>? found, out string? error))
            {
                zones.AddRange(found);
            }
            else
            {
                Error(token.Span, ZoneError(token, error));
            }
        }

        return zones;
    }

    /// <summary>Reads one zone, a name or a network.</summary>
    /// <param name="zones">The zones in lower case: more than one for a network that is not on a label's boundary.</param>
    public bool TryZone([NotNullWhen(true)] out IReadOnlyList<DnsName>? zones)
    {
        zones = null;
        if (!TryTake("a zone such as example.org, or 10.0.0.0/8 for its reverse zone", out CorefileToken? token))
        {
            return false;
        }

        if (ZoneText.TryParse(token.Text, out zones, out string? error))
        {
            return true;
        }

        Error(token.Span, ZoneError(token, error));
        return false;
    }

    /// <summary>Reads one domain name; a missing final dot is supplied, case is kept.</summary>
    public bool TryName([NotNullWhen(true)] out DnsName? name)
    {
        name = null;
        if (!TryTake("a domain name", out CorefileToken? token))
        {
            return false;
        }

        if (DnsName.TryParse(token.Text, null, out name, out string? error))
        {
            return true;
        }

        Error(token.Span, $"'{token.Text}' is not a domain name: {error}");
        return false;
    }

    /// <summary>Reads an IP address with an optional port: <c>192.0.2.1</c>, <c>192.0.2.1:53</c>, <c>2001:db8::1</c>, <c>[2001:db8::1]:53</c>.</summary>
    /// <param name="defaultPort">The port when none is written.</param>
    /// <param name="endpoint">Address and port.</param>
    public bool TryAddress(int defaultPort, [NotNullWhen(true)] out IPEndPoint? endpoint)
    {
        const string What = "an IP address such as 192.0.2.1, 192.0.2.1:53 or [2001:db8::1]:53";
        endpoint = null;
        return TryTake(What, out CorefileToken? token) && (AddressText.TryParseEndpoint(token.Text, defaultPort, out endpoint) || Wrong(token, What));
    }

    /// <summary>Reads what to listen on: <c>:8080</c> (all addresses), <c>localhost:8080</c>, <c>192.0.2.1:8080</c>, <c>[::1]:8080</c>.</summary>
    /// <param name="host">The host, a name or an address without brackets; empty for all addresses.</param>
    /// <param name="port">The port, 0 to 65535; 0 lets the system choose. So does a missing one, which is warned about: CoreDNS takes it.</param>
    public bool TryListenAddress([NotNullWhen(true)] out string? host, out int port)
    {
        const string What = "an address to listen on such as :8080, localhost:8080 or [::1]:8080";
        host = null;
        port = 0;
        if (!TryTake(What, out CorefileToken? token))
        {
            return false;
        }

        if (!AddressText.TrySplitHostPort(token.Text, out host, out string portText) || (portText.Length > 0 && !AddressText.TryParsePort(portText, out port)))
        {
            return Wrong(token, What);
        }

        if (portText.Length == 0)
        {
            Warning($"'{token.Text}' has no port, so the system chooses one; write one behind the ':' (an environment variable that is not set leaves nothing)");
        }

        return true;
    }

    /// <summary>Reads a path; a relative one is taken from <see cref="Root"/>.</summary>
    /// <param name="path">The path. Nothing is opened or looked for.</param>
    /// <param name="what">What it names, for the message when it is missing.</param>
    public bool TryPath([NotNullWhen(true)] out string? path, string what = "the path of a file")
    {
        path = null;
        if (!TryTake(what, out CorefileToken? token))
        {
            return false;
        }

        if (token.Text.Length == 0 || token.Text.Contains('\0', StringComparison.Ordinal))
        {
            return Wrong(token, what);
        }

        path = System.IO.Path.Combine(Root, token.Text);
        return true;
    }

    /// <summary>Reads a path, or gives an empty text after an error.</summary>
    public string Path(string what = "the path of a file") => TryPath(out string? path, what) ? path : string.Empty;

    /// <summary>Reads the lines in braces and ends the directive.</summary>
    /// <param name="properties">What to do with each property, by its name.</param>
    /// <param name="repeatable">The properties that may stand more than once; of any other the last counts, with a warning.</param>
    /// <param name="other">Takes lines that are no property (inline records …); when left out such a line is an error that names the nearest
    /// property.</param>
    public void Properties(Dictionary<string, Action<DirectiveReader>> properties, IReadOnlyCollection<string>? repeatable = null, Action<DirectiveReader>? other = null)
    {
        NoMoreArguments();
        _isBodyRead = true;
        Dictionary<string, SourceSpan> seen = new(StringComparer.Ordinal);
        foreach (Directive line in Directive.Body)
        {
            string name = line.Name.Text;
            bool isProperty = properties.TryGetValue(name, out Action<DirectiveReader>? read);
            if (!isProperty && other is null)
            {
                Error(line.Span, $"unknown property '{name}'{NearNames.Hint(name, properties.Keys)}");
                continue;
            }

            DirectiveReader reader = new(line, _diagnostics, BlockZones, Root, isProperty ? $"{_prefix}{name}: " : _prefix);
            if (isProperty && !seen.TryAdd(name, line.Span) && repeatable?.Contains(name, StringComparer.Ordinal) is not true)
            {
                reader.Warning($"given already at {seen[name]}; the last one counts");
            }

            (read ?? other)!(reader);
            reader.End();
        }
    }

    /// <summary>Ends a directive or property without properties: notes an error for arguments that were not read, and for braces unless
    /// <see cref="Properties"/> or <see cref="RestWithBody"/> read them.</summary>
    public void End()
    {
        NoMoreArguments();
        if (Directive.HasBody && !_isBodyRead)
        {
            Error(Directive.Span, "takes no block in braces");
        }
    }

    private static string Describe(long least, long most) => (least, most) switch
    {
        (0, int.MaxValue or uint.MaxValue or long.MaxValue) => "a whole number, not negative",
        (_, int.MaxValue or uint.MaxValue or long.MaxValue) => string.Create(CultureInfo.InvariantCulture, $"a whole number of at least {least}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"a whole number from {least} to {most}"),
    };

    private static bool TryParseInteger(ReadOnlySpan<char> text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static string ZoneError(CorefileToken token, string error) => $"'{token.Text}' cannot be read as a zone: {error}";

    private bool TryTake(string what, [NotNullWhen(true)] out CorefileToken? token)
    {
        token = Next;
        if (token is null)
        {
            Error($"{what} is expected after '{(_next > 0 ? Directive.Arguments[_next - 1].Text : Name)}'");
            return false;
        }

        _next++;
        return true;
    }

    private bool Wrong(CorefileToken token, string what)
    {
        Error(token.Span, $"'{token.Text}' is not {what}");
        return false;
    }

    private void NoMoreArguments()
    {
        if (Next is { } token)
        {
            Error(token.Span, _next == 0 ? $"takes no arguments, but has '{token.Text}'" : $"'{token.Text}' is one argument too many");
        }
    }
}
