namespace MiniDns.Client.Transfers;

/// <summary>Why a question to a primary, or a transfer from it, came to nothing.</summary>
/// <param name="Error">The kind of failure.</param>
/// <param name="Reason">What happened, for the log.</param>
public sealed record TransferFailure(TransferError Error, string Reason)
{
    /// <summary>The reason.</summary>
    public override string ToString() => Reason;
}
