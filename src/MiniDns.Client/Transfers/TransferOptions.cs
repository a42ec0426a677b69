namespace MiniDns.Client.Transfers;

/// <summary>What a transfer may cost.</summary>
public sealed record TransferOptions
{
    /// <summary>How long connecting to a primary may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long each message of an answer may take.</summary>
    public TimeSpan MessageTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a transfer may take in all.</summary>
    public TimeSpan TotalTimeout { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The most octets that the messages of a transfer may have together.</summary>
    public long MaxOctets { get; init; } = 256L << 20;
}
