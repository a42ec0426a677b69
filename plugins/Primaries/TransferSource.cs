using MiniDns.Client.Transfers;

namespace MiniDns.Plugins.Primaries;

/// <summary>Where a zone is transferred from, and where it is kept.</summary>
internal record TransferSource
{
    /// <summary>Where it comes from, in the order to try.</summary>
    public IReadOnlyList<TransferPrimary> Primaries { get; init; } = [];

    /// <summary>The directory that it is kept in; null for none.</summary>
    public string? StoreDirectory { get; init; }

    /// <summary>What a transfer may cost.</summary>
    public TransferOptions Transfer { get; init; } = new();
}
