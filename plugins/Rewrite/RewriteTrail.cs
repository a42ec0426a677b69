using MiniDns.Protocol.Names;
using MiniDns.Protocol.Records;
using MiniDns.Queries;

namespace MiniDns.Plugins.Rewrite;

/// <summary>What the rules did to one query, so that it can be undone on the way back. Pooled.</summary>
internal sealed class RewriteTrail
{
    private const int KeptNames = 4096;

    private readonly byte[] _name = new byte[DnsNameView.MaxLength];
    private int _nameLength;
    private Step[] _steps = new Step[4];
    private int _count;
    private byte[] _names = new byte[2 * DnsNameView.MaxLength];
    private int _namesUsed;

    /// <summary>The name before any rule, in lower case.</summary>
    public DnsNameView Name => new(_name.AsSpan(0, _nameLength));

    /// <summary>The type before any rule.</summary>
    public DnsRecordType Type { get; private set; }

    /// <summary>The class before any rule.</summary>
    public DnsRecordClass Class { get; private set; }

    /// <summary>The rules that have something to do on the way back, in the order in which they applied.</summary>
    public ReadOnlySpan<Step> Steps => _steps.AsSpan(0, _count);

    /// <summary>True when a rule for CNAME targets is among the steps.</summary>
    public bool HasCnames { get; private set; }

    /// <summary>True when a rule for response codes is among the steps.</summary>
    public bool HasCodes { get; private set; }

    /// <summary>The EDNS options.</summary>
    public OptionTrail Options { get; } = new();

    /// <summary>Starts with a query that no rule has changed.</summary>
    public void Begin(DnsQuery query)
    {
        DnsNameView name = query.LowerName;
        name.Wire.CopyTo(_name);
        _nameLength = name.Length;
        Type = query.Type;
        Class = query.Class;
        _namesUsed = 0;
        HasCnames = false;
        HasCodes = false;
        Options.Clear();
        _steps.AsSpan(0, _count).Clear();
        _count = 0;
        if (_names.Length > KeptNames)
        {
            _names = new byte[2 * DnsNameView.MaxLength];
        }
    }

    /// <summary>Notes a rule that has something to do on the way back.</summary>
    public void Add(RewriteRule rule) => Add(rule, DnsName.Root.View, DnsName.Root.View);

    /// <summary>Notes a rule that has something to do on the way back, and the names that it needs for that.</summary>
    public void Add(RewriteRule rule, DnsNameView before, DnsNameView after)
    {
        if (_count == _steps.Length)
        {
            Array.Resize(ref _steps, _count * 2);
        }

        int length = before.Length + after.Length;
        if (_namesUsed + length > _names.Length)
        {
            Array.Resize(ref _names, 2 * (_namesUsed + length));
        }

        before.Wire.CopyTo(_names.AsSpan(_namesUsed));
        after.Wire.CopyTo(_names.AsSpan(_namesUsed + before.Length));
        _steps[_count++] = new Step(rule, _namesUsed, (byte)before.Length, (byte)after.Length);
        _namesUsed += length;
        HasCnames |= rule is CnameRule;
        HasCodes |= rule is ResponseRule { IsForCodes: true };
    }

    /// <summary>The name that a step's rule changed.</summary>
    public DnsNameView Before(in Step step) => new(_names.AsSpan(step.Names, step.BeforeLength));

    /// <summary>What a step's rule changed it to.</summary>
    public DnsNameView After(in Step step) => new(_names.AsSpan(step.Names + step.BeforeLength, step.AfterLength));

    /// <summary>A rule, and where the two names stand that it noted.</summary>
    public readonly record struct Step(RewriteRule Rule, int Names, byte BeforeLength, byte AfterLength);
}
