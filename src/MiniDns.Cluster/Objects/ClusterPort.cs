namespace MiniDns.Cluster.Objects;

/// <summary>A port of a service or of its endpoints.</summary>
public readonly struct ClusterPort : IEquatable<ClusterPort>
{
    /// <summary>What <see cref="Number"/> is for an object without ports: the name has addresses but no SRV records.</summary>
    public const int NoPort = -1;

    private readonly byte[]? _name;

    internal ClusterPort(byte[] name, ClusterProtocol protocol, int number)
    {
        _name = name;
        Protocol = protocol;
        Number = number;
    }

    /// <summary>The name in lower case; empty for an unnamed port.</summary>
    public ReadOnlySpan<byte> Name => _name;

    /// <summary>The protocol.</summary>
    public ClusterProtocol Protocol { get; }

    /// <summary>The port number, or <see cref="NoPort"/>.</summary>
    public int Number { get; }

    /// <summary>The labels that stand in front of the service's name, in wire form: <c>5 _ h t t p 4 _ t c p</c>. Empty for a port that has no such name.</summary>
    public byte[] ToLabels()
    {
        if (Name.IsEmpty || Protocol == ClusterProtocol.Other)
        {
            return [];
        }

        ReadOnlySpan<byte> protocol = Protocol == ClusterProtocol.Tcp ? "_tcp"u8 : Protocol == ClusterProtocol.Udp ? "_udp"u8 : "_sctp"u8;
        return [(byte)(Name.Length + 1), (byte)'_', .. Name, (byte)protocol.Length, .. protocol];
    }

    /// <summary>True for the same port.</summary>
    public static bool operator ==(ClusterPort left, ClusterPort right) => left.Equals(right);

    /// <summary>True for different ports.</summary>
    public static bool operator !=(ClusterPort left, ClusterPort right) => !left.Equals(right);

    /// <inheritdoc/>
    public bool Equals(ClusterPort other) => Number == other.Number && Protocol == other.Protocol && Name.SequenceEqual(other.Name);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is ClusterPort other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Number, Protocol);
}
