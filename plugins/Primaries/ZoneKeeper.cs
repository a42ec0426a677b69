namespace MiniDns.Plugins.Primaries;

/// <summary>Keeps transferred zones on disk, and gives them at their beginning what there is from before.</summary>
/// <typeparam name="T">A version of a zone.</typeparam>
/// <param name="context">What all zones share.</param>
/// <param name="format">How versions are written and read.</param>
internal sealed class ZoneKeeper<T>(TransferContext context, ITransferFormat<T> format) : IAsyncDisposable
    where T : class
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StoreWriter<T>> _writers = new(StringComparer.Ordinal);
    private bool _isClosed;

    /// <summary>Gives a zone the data that there is from before: of its predecessor, or from disk. Before the zone is started.</summary>
    /// <param name="zone">The zone.</param>
    /// <param name="before">The same zone of the configuration that is being replaced; null when there is none.</param>
    public void Begin(TransferredZone<T> zone, TransferredZone<T>? before)
    {
        StoreWriter<T>? writer = WriterOf(zone);
        if (before?.Snapshot is not null)
        {
            zone.TakeOver(before);
            writer?.Enqueue(zone);
            return;
        }

        if (zone.Source.StoreDirectory is not { } directory)
        {
            return;
        }

        var store = new ZoneStore<T>(directory, format);
        if (store.TryLoad(zone.Origin, out T? data, out DateTimeOffset confirmedAt, out string? failure))
        {
            // A time in the future comes of a clock that was wrong.
            TimeSpan age = context.Time.GetUtcNow() - confirmedAt;
            age = age > TimeSpan.Zero ? age : TimeSpan.Zero;
            zone.Restore(data!, age);
            writer?.NoteSaved(zone, data!);
            TransferLog.Restored(context.Logger, zone.Origin.ToString(), store.PathOf(zone.Origin), format.SerialOf(data!), age);
        }
        else if (failure is not null)
        {
            TransferLog.Unreadable(context.Logger, zone.Origin.ToString(), store.PathOf(zone.Origin), failure);
        }
    }

    /// <summary>Notes that a zone has new or newly confirmed data.</summary>
    public void Note(TransferredZone<T> zone) => WriterOf(zone)?.Enqueue(zone);

    /// <summary>Removes a zone's file.</summary>
    public void Forget(TransferredZone<T> zone) => WriterOf(zone)?.Forget(zone);

    /// <summary>Writes what is left. The zones are stopped by then.</summary>
    public async ValueTask DisposeAsync()
    {
        StoreWriter<T>[] writers;
        lock (_lock)
        {
            _isClosed = true;
            writers = [.. _writers.Values];
        }

        foreach (StoreWriter<T> writer in writers)
        {
            await writer.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>What writes a zone to disk; null when nothing does.</summary>
    private StoreWriter<T>? WriterOf(TransferredZone<T> zone)
    {
        if (zone.Source.StoreDirectory is not { } directory || context.IsReadOnly)
        {
            return null;
        }

        lock (_lock)
        {
            if (!_writers.TryGetValue(directory, out StoreWriter<T>? writer) && !_isClosed)
            {
                var store = new ZoneStore<T>(directory, format);
                try
                {
                    store.Prepare();
                }
                catch (Exception e) when (e is IOException or UnauthorizedAccessException)
                {
                    TransferLog.NotKept(context.Logger, zone.Origin.ToString(), directory, e.Message);
                }

                _writers[directory] = writer = new StoreWriter<T>(store, context);
            }

            return writer;
        }
    }
}
