using System.Text;
using System.Text.Json;
using MiniDns.Cluster.Objects;

namespace MiniDns.Cluster.Api;

/// <summary>Reads a list as it comes, object by object.</summary>
internal sealed class ListReader(JsonFrames frames, ObjectReader objects)
{
    /// <summary>The list's resource version, once read.</summary>
    public string? Version { get; private set; }

    /// <summary>The token of the next page; null when this was the last.</summary>
    public string? Continue { get; private set; }

    /// <summary>Reads to the end.</summary>
    /// <param name="take">Takes what became of each object.</param>
    public async Task ReadAsync(Action<ClusterBuildOutcome, ClusterObject?> take)
    {
        await frames.TakeAsync((byte)'{').ConfigureAwait(false);
        bool ended = await frames.PeekAsync().ConfigureAwait(false) == '}';
        while (!ended)
        {
            string key = Key((await frames.ValueAsync().ConfigureAwait(false)).Span);
            await frames.TakeAsync((byte)':').ConfigureAwait(false);
            if (key == "items" && await frames.PeekAsync().ConfigureAwait(false) == '[')
            {
                await ReadItemsAsync(take).ConfigureAwait(false);
            }
            else
            {
                ReadOnlyMemory<byte> value = await frames.ValueAsync().ConfigureAwait(false);
                if (key == "metadata")
                {
                    ReadMetadata(value.Span);
                }
            }

            ended = await MoreAsync((byte)'}').ConfigureAwait(false);
        }

        await frames.TakeAsync((byte)'}').ConfigureAwait(false);

        // The connection is used again only when its answer is read to the end.
        if (await frames.PeekAsync().ConfigureAwait(false) is >= 0 and var extra)
        {
            throw JsonFrames.Unexpected(extra, "the end of the list");
        }
    }

    private async Task ReadItemsAsync(Action<ClusterBuildOutcome, ClusterObject?> take)
    {
        await frames.TakeAsync((byte)'[').ConfigureAwait(false);
        bool ended = await frames.PeekAsync().ConfigureAwait(false) == ']';
        while (!ended)
        {
            ReadItem((await frames.ValueAsync().ConfigureAwait(false)).Span, take);
            ended = await MoreAsync((byte)']').ConfigureAwait(false);
        }

        await frames.TakeAsync((byte)']').ConfigureAwait(false);
    }

    private void ReadItem(ReadOnlySpan<byte> json, Action<ClusterBuildOutcome, ClusterObject?> take)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        ClusterBuildOutcome outcome = objects.Read(ref reader, out ClusterObject? item);
        take(outcome, item);
    }

    private async ValueTask<bool> MoreAsync(byte close)
    {
        int next = await frames.PeekAsync().ConfigureAwait(false);
        if (next == ',')
        {
            await frames.TakeAsync((byte)',').ConfigureAwait(false);
            return false;
        }

        return next == close ? true : throw JsonFrames.Unexpected(next, $"',' or '{(char)close}'");
    }

    private static string Key(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        return reader.TokenType == JsonTokenType.String ? reader.GetString()! : throw new ApiFailure("the list has something else than a field's name");
    }

    private void ReadMetadata(ReadOnlySpan<byte> json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return;
        }

        while (JsonFields.NextProperty(ref reader))
        {
            bool isVersion = reader.ValueTextEquals("resourceVersion"u8);
            bool isContinue = reader.ValueTextEquals("continue"u8);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String && (isVersion || isContinue))
            {
                string text = reader.GetString()!;
                if (isVersion)
                {
                    Version = text;
                }
                else
                {
                    Continue = text.Length > 0 ? text : null;
                }
            }

            reader.Skip();
        }
    }
}
