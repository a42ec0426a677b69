using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Rpz;

/// <summary>What the owner name of a policy record says: which trigger, and what it looks for (draft-vixie-dnsop-dns-rpz §4).</summary>
internal readonly ref struct PolicyOwner
{
    private PolicyOwner(PolicyTrigger trigger, ReadOnlySpan<byte> name, bool isWildcard)
    {
        Trigger = trigger;
        Name = name;
        IsWildcard = isWildcard;
    }

    private PolicyOwner(PolicyTrigger trigger, PolicyNetwork network)
    {
        Trigger = trigger;
        Network = network;
    }

    /// <summary>The trigger.</summary>
    public PolicyTrigger Trigger { get; }

    /// <summary>True when a name is looked for.</summary>
    public bool IsName => Trigger is PolicyTrigger.Qname or PolicyTrigger.Nsdname;

    /// <summary>The name, absolute, in wire form and in lower case, without the asterisk of a wildcard.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>True for the names below <see cref="Name"/>.</summary>
    public bool IsWildcard { get; }

    /// <summary>The network, when an address is looked for.</summary>
    public PolicyNetwork Network { get; }

    /// <summary>Reads an owner name.</summary>
    /// <param name="owner">The owner name, below the zone's.</param>
    /// <param name="origin">The zone's name.</param>
    /// <param name="buffer">Holds the name as long as the result is used; <see cref="DnsNameView.MaxLength"/> octets.</param>
    /// <param name="result">What it says.</param>
    /// <param name="error">What is wrong; null when nothing is.</param>
    public static bool TryRead(DnsNameView owner, DnsNameView origin, Span<byte> buffer, out PolicyOwner result, out string? error)
    {
        result = default;
        error = null;
        int length = owner.Length - origin.Length;
        owner.CopyLowerTo(buffer);
        Span<byte> labels = buffer[..length];
        int last = 0;
        for (int at = 0; at < length; at += labels[at] + 1)
        {
            last = at;
        }

        ReadOnlySpan<byte> keyword = labels[(last + 1)..];
        if (!keyword.StartsWith("rpz-"u8))
        {
            return TryReadName(PolicyTrigger.Qname, buffer, length, out result, out error);
        }

        if (keyword.SequenceEqual("rpz-nsdname"u8))
        {
            return TryReadName(PolicyTrigger.Nsdname, buffer, last, out result, out error);
        }

        PolicyTrigger? trigger = keyword.SequenceEqual("rpz-ip"u8) ? PolicyTrigger.ResponseIp
            : keyword.SequenceEqual("rpz-client-ip"u8) ? PolicyTrigger.ClientIp
            : keyword.SequenceEqual("rpz-nsip"u8) ? PolicyTrigger.Nsip
            : null;
        if (trigger is null)
        {
            error = "the last label is none of rpz-client-ip, rpz-ip, rpz-nsdname and rpz-nsip; no others may begin with 'rpz-'";
            return false;
        }

        if (!PolicyNetwork.TryRead(labels[..last], out PolicyNetwork network, out error))
        {
            return false;
        }

        result = new PolicyOwner(trigger.Value, network);
        return true;
    }

    /// <summary>Writes the owner name of a name or wildcard.</summary>
    /// <param name="trigger">The trigger.</param>
    /// <param name="name">The name, without the asterisk.</param>
    /// <param name="isWildcard">True for the names below it.</param>
    /// <param name="origin">The zone's name.</param>
    /// <param name="destination">Takes the name; <see cref="DnsNameView.MaxLength"/> octets.</param>
    /// <param name="length">The octets written.</param>
    public static void Write(PolicyTrigger trigger, DnsNameView name, bool isWildcard, DnsNameView origin, Span<byte> destination, out int length)
    {
        length = 0;
        if (isWildcard)
        {
            "\u0001*"u8.CopyTo(destination);
            length = 2;
        }

        name.Wire[..^1].CopyTo(destination[length..]);
        length += name.Length - 1;
        WriteEnd(trigger, origin, destination, ref length);
    }

    /// <summary>Writes the owner name of a network.</summary>
    public static void Write(PolicyTrigger trigger, PolicyNetwork network, DnsNameView origin, Span<byte> destination, out int length)
    {
        length = network.WriteLabels(destination);
        WriteEnd(trigger, origin, destination, ref length);
    }

    private static void WriteEnd(PolicyTrigger trigger, DnsNameView origin, Span<byte> destination, ref int length)
    {
        ReadOnlySpan<byte> keyword = trigger switch
        {
            PolicyTrigger.ClientIp => "\u000Drpz-client-ip"u8,
            PolicyTrigger.ResponseIp => "\u0006rpz-ip"u8,
            PolicyTrigger.Nsdname => "\u000Brpz-nsdname"u8,
            PolicyTrigger.Nsip => "\u0008rpz-nsip"u8,
            _ => default,
        };
        keyword.CopyTo(destination[length..]);
        length += keyword.Length;
        origin.Wire.CopyTo(destination[length..]);
        length += origin.Length;
    }

    private static bool TryReadName(PolicyTrigger trigger, Span<byte> buffer, int length, out PolicyOwner result, out string? error)
    {
        error = null;
        bool isWildcard = length >= 2 && buffer[0] == 1 && buffer[1] == (byte)'*';
        int start = isWildcard ? 2 : 0;
        buffer[length] = 0;
        if (length == 0)
        {
            error = "a name is expected in front of rpz-nsdname";
        }

        result = new PolicyOwner(trigger, buffer[start..(length + 1)], isWildcard);
        return error is null;
    }
}
