using System.Buffers;
using System.ComponentModel;
using System.Diagnostics;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Text;
using System.Text.Json;

namespace MiniDns.Cluster.Api;

/// <summary>A command that prints a token or a client certificate: a cloud's helper. Its answer is kept until it expires or is refused.</summary>
internal sealed class ExecCredential(TimeProvider time) : IApiCredential, IClientCertificate
{
    private const int LongestOutput = 1024 * 1024;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Margin = TimeSpan.FromSeconds(10);

    private readonly Lock _lock = new();
    private Task<Answer>? _running;
    private Answer? _answer;

    public required string Version { get; init; }

    public required string Command { get; init; }

    public IReadOnlyList<string> Arguments { get; init; } = [];

    public IReadOnlyList<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>What to say when the command is missing.</summary>
    public string? Hint { get; init; }

    public ExecCluster? Cluster { get; init; }

    public async ValueTask<AuthenticationHeaderValue?> HeaderAsync(CancellationToken cancellationToken) => (await AnswerAsync(cancellationToken).ConfigureAwait(false)).Header;

    public async ValueTask<SslStreamCertificateContext?> CertificateAsync(CancellationToken cancellationToken)
    {
        Answer answer = await AnswerAsync(cancellationToken).ConfigureAwait(false);
        return answer.Certificate is null ? null : await answer.Certificate.CertificateAsync(cancellationToken).ConfigureAwait(false);
    }

    public bool Refused()
    {
        lock (_lock)
        {
            _answer = null;
        }

        return true;
    }

    // All who need an answer at the same time wait for one run of the command.
    private async ValueTask<Answer> AnswerAsync(CancellationToken cancellationToken)
    {
        Task<Answer> running;
        lock (_lock)
        {
            if (_answer is { } kept && kept.Until > time.GetUtcNow())
            {
                return kept;
            }

            if (_running is null || _running.IsCompleted)
            {
                _running = Task.Run(RunAsync, CancellationToken.None);
            }

            running = _running;
        }

        return await running.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<Answer> RunAsync()
    {
        Answer answer = await AskAsync().ConfigureAwait(false);
        lock (_lock)
        {
            _answer = answer;
        }

        return answer;
    }

    private async Task<Answer> AskAsync()
    {
        var start = new ProcessStartInfo(Command, Arguments) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in Environment)
        {
            start.Environment[name] = value;
        }

        start.Environment["KUBERNETES_EXEC_INFO"] = Request();
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Exception e) when (e is Win32Exception or InvalidOperationException)
        {
            throw new ApiAccessException($"exec: cannot run '{Command}': {e.Message}{(Hint is null ? "" : ". " + Hint)}", e);
        }

        using (process)
        using (var deadline = new CancellationTokenSource(Patience, time))
        {
            try
            {
                process.StandardInput.Close();
                Task<string> output = ReadAsync(process.StandardOutput, deadline.Token);
                Task<string> complaint = ReadAsync(process.StandardError, deadline.Token);
                await process.WaitForExitAsync(deadline.Token).ConfigureAwait(false);
                string said = (await complaint.ConfigureAwait(false)).Trim();
                string text = await output.ConfigureAwait(false);
                return process.ExitCode == 0
                    ? Parse(text)
                    : throw new ApiAccessException($"exec: '{Command}' failed with code {process.ExitCode}{(said.Length == 0 ? "" : ": " + (said.Length > 500 ? said[..500] : said))}");
            }
            catch (OperationCanceledException e)
            {
                throw new ApiAccessException($"exec: '{Command}' did not end in {Patience.TotalSeconds:0} s", e);
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }

    private static async Task<string> ReadAsync(StreamReader reader, CancellationToken cancellationToken)
    {
        var text = new StringBuilder();
        char[] buffer = new char[4096];
        int read;
        while ((read = await reader.ReadAsync(buffer.AsMemory(), cancellationToken).ConfigureAwait(false)) > 0)
        {
            if (text.Length < LongestOutput)
            {
                text.Append(buffer, 0, read);
            }
        }

        return text.ToString();
    }

    private string Request()
    {
        var bytes = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            json.WriteString("apiVersion", Version);
            json.WriteString("kind", "ExecCredential");
            json.WriteStartObject("spec");
            json.WriteBoolean("interactive", false);
            if (Cluster is not null)
            {
                json.WriteStartObject("cluster");
                json.WriteString("server", Cluster.Server);
                if (Cluster.ServerName is not null)
                {
                    json.WriteString("tls-server-name", Cluster.ServerName);
                }

                if (Cluster.SkipVerify)
                {
                    json.WriteBoolean("insecure-skip-tls-verify", true);
                }

                if (Cluster.Authority is not null)
                {
                    json.WriteString("certificate-authority-data", Cluster.Authority);
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.WrittenSpan);
    }

    private Answer Parse(string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text);
            JsonElement root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || Property(root, "apiVersion") != Version || !root.TryGetProperty("status", out JsonElement status) || status.ValueKind != JsonValueKind.Object)
            {
                throw new ApiAccessException($"exec: '{Command}' printed no ExecCredential of {Version} with a status");
            }

            string? token = Property(status, "token");
            string? certificate = Property(status, "clientCertificateData");
            string? key = Property(status, "clientKeyData");
            if (token is null && (certificate is null || key is null))
            {
                throw new ApiAccessException($"exec: '{Command}' gave neither a token nor a certificate with its key");
            }

            DateTimeOffset until = DateTimeOffset.MaxValue;
            if (status.TryGetProperty("expirationTimestamp", out JsonElement expiry) && expiry.ValueKind == JsonValueKind.String)
            {
                until = expiry.GetDateTimeOffset() - Margin;
            }

            return new Answer(
                token is null ? null : new AuthenticationHeaderValue("Bearer", token),
                certificate is null || key is null ? null : PemCertificate.FromPem(certificate, key),
                until);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new ApiAccessException($"exec: '{Command}' printed no valid ExecCredential: {e.Message}", e);
        }
    }

    private static string? Property(JsonElement element, string name) =>
        element.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    private sealed record Answer(AuthenticationHeaderValue? Header, PemCertificate? Certificate, DateTimeOffset Until);
}
