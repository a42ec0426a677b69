namespace MiniDns.Client.Transfers;

/// <summary>What became of a transfer after a message.</summary>
public enum TransferProgress
{
    /// <summary>Further messages follow.</summary>
    More,

    /// <summary>The transfer is complete.</summary>
    Done,

    /// <summary>The message cannot be part of the transfer.</summary>
    Failed,
}
