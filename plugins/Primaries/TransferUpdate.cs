using System.Globalization;
using MiniDns.Client.Transfers;
using MiniDns.Zones;

namespace MiniDns.Plugins.Primaries;

/// <summary>Makes a zone's next version of a transfer: of all its records, or of the changes to the present one.</summary>
/// <typeparam name="T">A version.</typeparam>
/// <param name="source">Where the transfer comes from, for messages.</param>
internal abstract class TransferUpdate<T>(string source) : ITransferSink
    where T : class
{
    private uint _serial;

    /// <summary>What was found wrong or doubtful.</summary>
    public ZoneProblems Problems { get; } = new();

    /// <summary>Where the records come from.</summary>
    protected ZonePlace Place { get; } = new(source);

    /// <inheritdoc/>
    public void Begin(TransferKind kind, uint serial)
    {
        _serial = serial;
        Begin(kind);
    }

    /// <inheritdoc/>
    public abstract void Add(in TransferRecord record);

    /// <inheritdoc/>
    public abstract void Remove(in TransferRecord record);

    /// <summary>Makes the version once the transfer has ended well.</summary>
    /// <param name="version">The version.</param>
    /// <param name="failure">Why there is none.</param>
    public bool TryBuild(out T? version, out string? failure)
    {
        version = Build(out failure);
        if (version is null)
        {
            failure ??= Problems.Errors.FirstOrDefault()?.ToString() ?? "nothing was transferred";
        }
        else if (SerialOf(version) != _serial)
        {
            failure = string.Create(CultureInfo.InvariantCulture, $"the changes lead to version {SerialOf(version)}, not {_serial}");
            version = null;
        }

        return version is not null;
    }

    /// <summary>The records, or the changes, begin.</summary>
    protected abstract void Begin(TransferKind kind);

    /// <summary>Makes the version.</summary>
    /// <param name="failure">Why there is none, when <see cref="Problems"/> does not say it.</param>
    protected abstract T? Build(out string? failure);

    /// <summary>A version's serial number.</summary>
    protected abstract uint SerialOf(T version);
}
