using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging;
using MiniDns.Protocol.Messages;
using MiniDns.Protocol.Names;

namespace MiniDns.Plugins.Cache;

/// <summary>Fills the cache from a file when the server starts, and writes the file when it stops.</summary>
internal sealed class CacheSnapshot(CacheStore store, CacheOptions options, string path, TimeProvider time, ILogger log) : IServerComponent
{
    private readonly string _zones = string.Join(',', options.Zones);
    private string? _source;
    private bool _isStarted;

    /// <inheritdoc/>
    public bool RunsInTrials => false;

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _isStarted = true;

        // After a reload the content is there already.
        if (store.Success.Count + store.Denial.Count == 0)
        {
            Load();
        }

        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        if (_isStarted)
        {
            _isStarted = false;
            Save();
        }

        return ValueTask.CompletedTask;
    }

    /// <summary>Stands for what the content comes from. It is made only when there is a file to deal with: the first digest costs megabytes.</summary>
    private string Source => _source ??= Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(store.Source)).AsSpan(0, 16));

    private void Load()
    {
        int taken = 0;
        try
        {
            // What an entry takes in the file is less than what it is counted with in memory.
            long limit = options.Success.OctetLimit + options.Denial.OctetLimit + ushort.MaxValue;
            SnapshotFile.Read(path, _zones, Source, limit, (item, writtenAt) => taken += Take(item, writtenAt) ? 1 : 0);
            CacheLog.SnapshotLoaded(log, taken, path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            // The first start.
        }
        catch (Exception e) when (e is IOException or InvalidDataException or UnauthorizedAccessException)
        {
            CacheLog.SnapshotIgnored(log, path, e.Message);
        }
    }

    /// <summary>Puts an entry back if it is still of use.</summary>
    private bool Take(in SnapshotFile.Item item, DateTimeOffset writtenAt)
    {
        // A clock that was set back makes nothing younger than it was.
        DateTimeOffset utc = time.GetUtcNow();
        long age = item.Age + Math.Max(0, (long)(utc - writtenAt).TotalSeconds);
        if (age >= item.Lifetime + (long)options.StaleFor.TotalSeconds)
        {
            return false;
        }

        ReadOnlySpan<byte> message = item.Message.Span;
        if (message.Length <= DnsHeader.Size || !DnsNameView.TryRead(message[DnsHeader.Size..], out DnsNameView name))
        {
            return false;
        }

        var traits = ResponseTraits.Of(message, item.Selector, (uint)utc.ToUnixTimeSeconds());
        bool isSuccess = traits.Kind is ResponseKind.Positive or ResponseKind.Referral;
        uint most = (isSuccess ? options.Success : options.Denial).MaxTtl;
        if (traits.Kind is ResponseKind.NotKept or ResponseKind.Failure
            || item.Lifetime > most
            || !CacheHandler.IsBelowAny(name, options.Zones)
            || CacheHandler.IsBelowAny(name, isSuccess ? options.SuccessExcept : options.DenialExcept))
        {
            return false;
        }

        long now = time.GetTimestamp();
        var key = new CacheKey(name, name.Hash, item.Selector);
        if (!CacheEntry.TryCreate(message, key, traits, item.Lifetime, now - (age * time.TimestampFrequency), lastAnswer: null, out CacheEntry? entry))
        {
            return false;
        }

        (isSuccess ? store.Success : store.Denial).Add(entry, now);
        return true;
    }

    private void Save()
    {
        long now = time.GetTimestamp();
        long grace = (long)options.StaleFor.TotalSeconds;
        List<CacheEntry> entries = [.. store.Success.All().Concat(store.Denial.All())
            .Where(e => e.Kind != ResponseKind.Failure && AgeOf(e) < e.Lifetime + grace)];
        try
        {
            SnapshotFile.Write(path, _zones, Source, time.GetUtcNow(), entries, AgeOf);
            CacheLog.SnapshotSaved(log, entries.Count, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            CacheLog.SnapshotFailed(log, path, e.Message);
        }

        uint AgeOf(CacheEntry entry) => (uint)Math.Clamp((now - entry.StoredAt) / time.TimestampFrequency, 0, uint.MaxValue);
    }
}
