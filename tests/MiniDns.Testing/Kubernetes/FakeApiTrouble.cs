namespace MiniDns.Testing.Kubernetes;

/// <summary>What goes wrong with a request.</summary>
public sealed record FakeApiTrouble
{
    /// <summary>Answer with this status in place of the real one; 0 for none.</summary>
    public int Status { get; init; }

    /// <summary>Kubernetes's word for it.</summary>
    public string Reason { get; init; } = "";

    /// <summary>Seconds in <c>Retry-After</c>.</summary>
    public int? RetryAfter { get; init; }

    /// <summary>Cut the connection after so many octets of the body.</summary>
    public long? CutAfter { get; init; }

    /// <summary>Send so many octets at a time, with a pause between.</summary>
    public int? ChunkSize { get; init; }

    /// <summary>The pause between chunks.</summary>
    public TimeSpan Pause { get; init; }

    /// <summary>Never answer.</summary>
    public bool Hang { get; init; }

    /// <summary>Send this in place of the body.</summary>
    public byte[]? Body { get; init; }

    /// <summary>Changes the body's parts on the way: spoils JSON.</summary>
    public Func<byte[], byte[]>? Spoil { get; init; }
}
