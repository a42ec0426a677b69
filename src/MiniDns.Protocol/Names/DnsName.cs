using System.Diagnostics.CodeAnalysis;

namespace MiniDns.Protocol.Names;

/// <summary>An immutable name that owns its octets and keeps their case.</summary>
/// <remarks>Equality, hash code and order ignore ASCII case (RFC 4343); order is RFC 4034 §6.1's.</remarks>
public sealed class DnsName : IEquatable<DnsName>, IComparable<DnsName>
{
    /// <summary>The root, <c>.</c>.</summary>
    public static readonly DnsName Root = new([0]);

    private readonly byte[] _wire;

    private DnsName(byte[] wire)
    {
        _wire = wire;
        Hash = DnsNameHash.Compute(wire);
    }

    /// <summary>The uncompressed wire form, the root label included.</summary>
    public ReadOnlySpan<byte> Wire => _wire;

    /// <summary>A view of this name.</summary>
    public DnsNameView View => new(_wire);

    /// <summary>The length of the wire form in octets.</summary>
    public int Length => _wire.Length;

    /// <summary>How many labels, the root label not counted.</summary>
    public int LabelCount => View.LabelCount;

    /// <summary>True for the root.</summary>
    public bool IsRoot => _wire.Length == 1;

    /// <summary>True when the leftmost label is a lone asterisk.</summary>
    public bool IsWildcard => View.IsWildcard;

    /// <summary>The case-insensitive hash, computed once.</summary>
    public ulong Hash { get; }

    /// <summary>The name without its leftmost label; the root's parent is the root.</summary>
    public DnsName Parent => IsRoot ? this : new DnsName(View.Parent.Wire.ToArray());

    /// <summary>Copies a well-formed view.</summary>
    public static DnsName FromView(DnsNameView view) => view.IsRoot ? Root : new DnsName(view.Wire.ToArray());

    /// <summary>Reads an uncompressed name from untrusted octets; octets after it are not looked at.</summary>
    public static bool TryFromWire(ReadOnlySpan<byte> octets, [NotNullWhen(true)] out DnsName? name)
    {
        name = DnsNameView.TryRead(octets, out DnsNameView view) ? FromView(view) : null;
        return name is not null;
    }

    /// <summary>Reads presentation format (RFC 1035 §5.1): <c>\.</c> and <c>\DDD</c> escapes, <c>@</c> is not special here.</summary>
    /// <param name="text">The text; without a final dot it is relative to <paramref name="origin"/>.</param>
    /// <param name="origin">What is appended to a relative name; null means the root.</param>
    /// <param name="name">The name, when the text is one.</param>
    /// <param name="error">What is wrong with the text, when it is not a name.</param>
    public static bool TryParse(ReadOnlySpan<char> text, DnsName? origin, [NotNullWhen(true)] out DnsName? name, [NotNullWhen(false)] out string? error)
    {
        Span<byte> wire = stackalloc byte[DnsNameView.MaxLength];
        if (!DnsNameText.TryParse(text, origin is null ? Root.View : origin.View, wire, out int length, out error))
        {
            name = null;
            return false;
        }

        name = FromView(new DnsNameView(wire[..length]));
        return true;
    }

    /// <summary>Reads presentation format; a missing final dot is supplied.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, [NotNullWhen(true)] out DnsName? name) => TryParse(text, null, out name, out _);

    /// <summary>Reads presentation format; a missing final dot is supplied.</summary>
    /// <exception cref="FormatException">The text is not a name.</exception>
    public static DnsName Parse(ReadOnlySpan<char> text) =>
        TryParse(text, null, out DnsName? name, out string? error) ? name : throw new FormatException($"{text}: {error}");

    /// <summary>This name below another: <c>www</c> + <c>example.org.</c>.</summary>
    /// <returns>False when the result would be longer than 255 octets.</returns>
    public static bool TryConcat(DnsNameView head, DnsNameView tail, [NotNullWhen(true)] out DnsName? name)
    {
        int length = head.Length - 1 + tail.Length;
        if (length > DnsNameView.MaxLength)
        {
            name = null;
            return false;
        }

        byte[] wire = new byte[length];
        head.Wire[..^1].CopyTo(wire);
        tail.Wire.CopyTo(wire.AsSpan(head.Length - 1));
        name = new DnsName(wire);
        return true;
    }

    /// <summary>The lower-case form; this object when nothing changes.</summary>
    public DnsName ToLower()
    {
        byte[] wire = new byte[_wire.Length];
        View.CopyLowerTo(wire);
        return wire.AsSpan().SequenceEqual(_wire) ? this : new DnsName(wire);
    }

    /// <summary>True when this name is <paramref name="ancestor"/> or lies below it.</summary>
    public bool IsSubdomainOf(DnsName ancestor) => View.IsSubdomainOf(ancestor.View);

    /// <inheritdoc/>
    public bool Equals([NotNullWhen(true)] DnsName? other) =>
        ReferenceEquals(this, other) || (other is not null && Hash == other.Hash && View.Equals(other.View));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as DnsName);

    /// <inheritdoc/>
    public override int GetHashCode() => (int)Hash;

    /// <inheritdoc/>
    public int CompareTo(DnsName? other) => other is null ? 1 : View.CompareCanonical(other.View);

    /// <summary>Presentation format, always with the final dot.</summary>
    public override string ToString() => View.ToString();

    /// <summary>Names are equal when they are alike but for ASCII case.</summary>
    public static bool operator ==(DnsName? left, DnsName? right) => left is null ? right is null : left.Equals(right);

    /// <summary>The opposite of equality.</summary>
    public static bool operator !=(DnsName? left, DnsName? right) => !(left == right);
}
