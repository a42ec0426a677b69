using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace MiniDns.Testing.Kubernetes;

/// <summary>Writes an answer with whatever trouble there is to be.</summary>
internal sealed class FakeApiAnswer(HttpContext context, FakeApiTrouble trouble)
{
    private long _written;

    public bool HasStarted => context.Response.HasStarted;

    public static byte[] Status(int code, string reason, string message) => Encoding.UTF8.GetBytes(new JsonObject
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    }.ToJsonString());

    public async Task StatusAsync(int code, string reason, string message)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(Status(code, reason, message), context.RequestAborted);
    }

    public Task EventAsync(string type, byte[] item) => WriteAsync([.. "{\"type\":\""u8, .. Encoding.UTF8.GetBytes(type), .. "\",\"object\":"u8, .. item, .. "}\n"u8]);

    public async Task WriteAsync(byte[] octets)
    {
        if (!context.Response.HasStarted)
        {
            context.Response.ContentType = "application/json";
        }

        byte[] body = trouble.Spoil is null ? octets : trouble.Spoil(octets);
        for (int at = 0; at < body.Length;)
        {
            int length = Math.Min(trouble.ChunkSize ?? body.Length, body.Length - at);
            if (trouble.CutAfter is { } cut && _written + length > cut)
            {
                // What is before the cut arrives; then nothing does.
                await context.Response.Body.WriteAsync(body.AsMemory(at, (int)(cut - _written)), context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(5, context.RequestAborted);
                throw new IOException("cut");
            }

            await context.Response.Body.WriteAsync(body.AsMemory(at, length), context.RequestAborted);
            _written += length;
            at += length;
            if (trouble.ChunkSize is not null)
            {
                await context.Response.Body.FlushAsync(context.RequestAborted);
                if (trouble.Pause > TimeSpan.Zero)
                {
                    await Task.Delay(trouble.Pause, context.RequestAborted);
                }
            }
        }
    }

    public Task FlushAsync() => context.Response.Body.FlushAsync(context.RequestAborted);
}
