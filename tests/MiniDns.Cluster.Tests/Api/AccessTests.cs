using System.Text;
using MiniDns.Cluster.Api;
using MiniDns.Testing;

namespace MiniDns.Cluster.Tests.Api;

/// <summary>Who asks, and how the server is known: service accounts, kubeconfigs, certificates, commands.</summary>
public sealed class AccessTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("minidns-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task A_pod_uses_its_service_account_and_follows_its_token()
    {
        await using ApiBench bench = await ApiBench.StartAsync(tls: true);
        ListTests.Fill(bench.Server, services: 2);
        bench.Server.Tokens = new HashSet<string> { "first" };
        Write("ca.crt", bench.Server.Certificates!.Authority);
        string token = Write("token", "first\n");
        var time = new TestTimeProvider();
        bench.Connect(new ClusterApiOptions { ServiceAccountDirectory = _directory }, time, InPod(bench), ApiBench.Services);
        await bench.SameAsync("Service");
        Assert.All(bench.Server.Requests, r => Assert.Equal("token:first", r.User));

        // The kubelet writes a new one; the old one ends before the minute after which the file is read again.
        await File.WriteAllTextAsync(token, "second");
        bench.Server.Tokens = new HashSet<string> { "second" };
        bench.Server.Apply(KubeObjectsOf("late"));
        bench.Server.CutWatches();
        await bench.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromMilliseconds(500));
                return bench.Sink.Find<Objects.ClusterService>("default", "late") is not null;
            },
            "the new token");
        Assert.Contains(bench.Server.Requests, r => r.User == "token:second");
        Assert.Equal(1, bench.Sink.Completed);
    }

    [Fact]
    public async Task A_token_is_read_again_before_it_ends()
    {
        var time = new TestTimeProvider();
        string path = Write("token", "first");
        var credential = new TokenFileCredential(path, time);
        Assert.Equal("first", (await credential.HeaderAsync(default))!.Parameter);
        await File.WriteAllTextAsync(path, "second");
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("first", (await credential.HeaderAsync(default))!.Parameter);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("second", (await credential.HeaderAsync(default))!.Parameter);
        File.Delete(path);
        time.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal("second", (await credential.HeaderAsync(default))!.Parameter);
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("10.96.0.1", null)]
    [InlineData("10.96.0.1", "https")]
    public void Outside_of_a_cluster_that_is_said(string? host, string? port)
    {
        ApiAccessException e = Assert.Throws<ApiAccessException>(() => ApiAccess.From(new ClusterApiOptions { ServiceAccountDirectory = _directory }, TimeProvider.System, n => n.EndsWith("HOST", StringComparison.Ordinal) ? host : port));
        Assert.Contains("KUBERNETES_SERVICE_HOST", e.Message);
    }

    [Fact]
    public void An_IPv6_cluster_has_its_address_in_brackets()
    {
        using var certificates = new Testing.Kubernetes.FakeApiCertificates();
        Write("ca.crt", certificates.Authority);
        ApiAccess access = ApiAccess.From(new ClusterApiOptions { ServiceAccountDirectory = _directory }, TimeProvider.System, n => n.EndsWith("HOST", StringComparison.Ordinal) ? "fd00::1" : "443");
        Assert.Equal("https://[fd00::1]/", access.Server.AbsoluteUri);
    }

    [Fact]
    public async Task Another_authority_is_not_trusted()
    {
        await using ApiBench bench = await ApiBench.StartAsync(tls: true);
        using var others = new Testing.Kubernetes.FakeApiCertificates();
        bench.Connect(new ClusterApiOptions { Endpoint = bench.Server.Address, AuthorityPath = Write("other.crt", others.Authority) }, ApiBench.Services);
        await bench.UntilAsync(() => bench.Log.Lines.Any(l => l.Contains("certificate", StringComparison.OrdinalIgnoreCase)), "a complaint");
        Assert.Empty(bench.Server.Requests);
    }

    [Fact]
    public async Task An_endpoint_with_client_certificate_whose_files_are_replaced()
    {
        await using ApiBench bench = await ApiBench.StartAsync(tls: true);
        ListTests.Fill(bench.Server, services: 1);
        bench.Server.TakesCertificates = true;
        (string certificate, string key) = bench.Server.Certificates!.Client("dns-1");
        string certificatePath = Write("tls.crt", certificate);
        string keyPath = Write("tls.key", key);
        bench.Connect(
            new ClusterApiOptions { Endpoint = bench.Server.Address, CertificatePath = certificatePath, KeyPath = keyPath, AuthorityPath = Write("ca.crt", bench.Server.Certificates.Authority) },
            ApiBench.Services);
        await bench.SameAsync("Service");
        Assert.All(bench.Server.Requests, r => Assert.Equal("cert:dns-1", r.User));

        (certificate, key) = bench.Server.Certificates.Client("dns-2");
        File.WriteAllText(certificatePath, certificate);
        File.WriteAllText(keyPath, key);
        File.SetLastWriteTimeUtc(keyPath, DateTime.UtcNow.AddSeconds(5));
        bench.Server.CutWatches();
        await bench.UntilAsync(() => bench.Server.Requests.Any(r => r.User == "cert:dns-2"), "the new certificate");
    }

    [Theory]
    [InlineData("token: secret", "token:secret")]
    [InlineData("tokenFile: token", "token:from-file")]
    [InlineData("username: joe\n    password: 'p:w'", "basic:joe")]
    [InlineData("client-certificate: tls.crt\n    client-key: tls.key", "cert:dns-1")]
    [InlineData("client-certificate-data: {CERT}\n    client-key-data: {KEY}", "cert:dns-1")]
    [InlineData("exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: ./helper\n      args: [v1]\n      interactiveMode: Never", "token:from-helper-v1-false")]
    [InlineData("exec:\n      apiVersion: client.authentication.k8s.io/v1beta1\n      command: ./helper\n      args: [v1beta1]\n      env:\n      - name: SUFFIX\n        value: -more", "token:from-helper-v1beta1-false-more")]
    public async Task A_kubeconfig_says_who_asks(string user, string expected)
    {
        await using ApiBench bench = await ApiBench.StartAsync(tls: true);
        ListTests.Fill(bench.Server, services: 1);
        bench.Server.TakesCertificates = true;
        bench.Server.Basic = ("joe", "p:w");
        bench.Server.Tokens = new HashSet<string> { "secret", "from-file", "from-helper-v1-false", "from-helper-v1beta1-false-more" };
        (string certificate, string key) = bench.Server.Certificates!.Client("dns-1");
        Write("tls.crt", certificate);
        Write("tls.key", key);
        Write("token", "from-file");
        WriteHelper("""
            version=$1
            interactive=$(printf %s "$KUBERNETES_EXEC_INFO" | sed 's/.*"interactive":\([a-z]*\).*/\1/')
            printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/%s","status":{"token":"from-helper-%s-%s%s"}}' "$version" "$version" "$interactive" "$SUFFIX"
            """);
        string path = Write("config", Kubeconfig(bench, user.Replace("{CERT}", Base64(certificate), StringComparison.Ordinal).Replace("{KEY}", Base64(key), StringComparison.Ordinal)));
        bench.Connect(new ClusterApiOptions { KubeConfigPath = path }, ApiBench.Services);
        await bench.SameAsync("Service");
        Assert.All(bench.Server.Requests, r => Assert.Equal(expected, r.User));
    }

    [Fact]
    public async Task A_command_is_run_again_when_its_answer_expired_or_was_refused()
    {
        await using ApiBench bench = await ApiBench.StartAsync(tls: true);
        ListTests.Fill(bench.Server, services: 1);
        bench.Server.Tokens = new HashSet<string> { "1", "2", "3" };
        Write("count", "0");
        WriteHelper($"n=$(($(cat {_directory}/count) + 1)); echo $n > {_directory}/count\n" + """
            printf '{"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1","status":{"token":"%s","expirationTimestamp":"2026-01-01T00:10:00Z"}}' "$n"
            """);
        string path = Write("config", Kubeconfig(bench, "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: ./helper"));
        var time = new TestTimeProvider();
        bench.Connect(new ClusterApiOptions { KubeConfigPath = path }, time, null, ApiBench.Services);
        await bench.SameAsync("Service");
        Assert.Equal("1", (await File.ReadAllTextAsync(Path.Combine(_directory, "count"))).Trim());

        bench.Server.Tokens = new HashSet<string> { "2", "3" };
        bench.Server.CutWatches();
        await AdvanceUntilAsync(bench, time, () => bench.Server.Requests.Any(r => r.User == "token:2"), "after a refusal");
        time.Advance(TimeSpan.FromMinutes(10));
        bench.Server.CutWatches();
        await AdvanceUntilAsync(bench, time, () => bench.Server.Requests.Any(r => r.User == "token:3"), "after it expired");
    }

    [Theory]
    [InlineData("exit 3", "failed with code 3")]
    [InlineData("echo no such profile >&2; exit 1", "no such profile")]
    [InlineData("echo '{'", "no valid ExecCredential")]
    [InlineData("echo '{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"status\":{}}'", "neither a token nor a certificate")]
    [InlineData("echo '{\"apiVersion\":\"client.authentication.k8s.io/v1beta1\",\"status\":{\"token\":\"x\"}}'", "no ExecCredential of client.authentication.k8s.io/v1 ")]
    public async Task A_command_that_fails_is_told_and_tried_again(string script, string complaint)
    {
        await using ApiBench bench = await ApiBench.StartAsync(tls: true);
        WriteHelper(script);
        string path = Write("config", Kubeconfig(bench, "exec:\n      apiVersion: client.authentication.k8s.io/v1\n      command: ./helper"));
        bench.Connect(new ClusterApiOptions { KubeConfigPath = path }, ApiBench.Services);
        await bench.UntilAsync(() => bench.Log.Lines.Any(l => l.Contains(complaint, StringComparison.Ordinal)), "a complaint");
        WriteHelper("""printf '{"apiVersion":"client.authentication.k8s.io/v1","status":{"token":"x"}}'""");
        await bench.UntilAsync(() => bench.Sink.Completed == 1, "listed");
    }

    [Fact]
    public async Task A_context_by_name_skips_verification_and_checks_another_name()
    {
        await using ApiBench bench = await ApiBench.StartAsync(tls: true);
        ListTests.Fill(bench.Server, services: 1);
        string config = $$$"""
            apiVersion: v1
            kind: Config
            current-context: broken
            contexts:
            - name: broken
              context: {cluster: nowhere, user: ''}
            - name: lax
              context: {cluster: lax}
            - name: named
              context: {cluster: named}
            clusters:
            - name: lax
              cluster: {server: '{{{bench.Server.Address}}}', insecure-skip-tls-verify: true}
            - name: named
              cluster: {server: 'https://localhost:{{{bench.Server.Address.Port}}}', tls-server-name: kubernetes.default.svc, certificate-authority: ca.crt}
            """;
        Write("ca.crt", bench.Server.Certificates!.Authority);
        string path = Write("config", config);
        bench.Connect(new ClusterApiOptions { KubeConfigPath = path, KubeConfigContext = "lax" }, ApiBench.Services);
        await bench.SameAsync("Service");
        await using var named = new ApiClusterSource(new ClusterApiOptions { KubeConfigPath = path, KubeConfigContext = "named" }, TimeProvider.System, bench.Log, null);
        var sink = new RecordingSink();
        named.Start(new ClusterWatchRequest([ApiBench.Services], Objects.ClusterFields.None), sink);
        await bench.UntilAsync(() => sink.Completed == 1, "listed by name");
    }

    [Theory]
    [InlineData("clusters: [", "While parsing", ":2:1:")]
    [InlineData("- a", "no mapping", "")]
    [InlineData("contexts: []", "no current-context", "")]
    [InlineData("current-context: x\ncontexts: []", "there is no context 'x'", ":2:11:")]
    [InlineData("current-context: x\ncontexts:\n- {name: x, context: {cluster: y}}\nclusters: []", "there is no cluster 'y'", ":4:11:")]
    [InlineData("current-context: x\ncontexts:\n- {name: x, context: {cluster: y}}\nclusters:\n- {name: y, cluster: {}}", "'server' is missing", ":5:22:")]
    [InlineData("current-context: x\ncontexts:\n- {name: x, context: {cluster: y}}\nclusters:\n- {name: y, cluster: {server: 'ftp://a'}}", "is not the address of an API server", ":5:31:")]
    [InlineData("current-context: x\ncontexts:\n- {name: x, context: {cluster: y}}\nclusters:\n- name: y\n  cluster:\n    server: https://a\n    certificate-authority-data: '*'", "is not base64", ":8:33:")]
    [InlineData("current-context: x\ncontexts:\n- {name: x, context: {cluster: y}}\nclusters:\n- name: y\n  cluster:\n    server: https://a\n    certificate-authority: missing.crt", "missing.crt", "")]
    [InlineData("current-context: x\ncontexts:\n- {name: x, context: {cluster: y}}\nclusters:\n- name: y\n  cluster:\n    server: https://a\n    proxy-url: http://p", "proxies are not supported", ":8:16:")]
    [InlineData("current-context: x\ncontexts:\n- {name: x, context: {cluster: y, user: z}}\nclusters:\n- {name: y, cluster: {server: 'https://a'}}\nusers:\n- {name: z, user: {client-certificate: a.crt}}", "no client-key", ":7:19:")]
    [InlineData("current-context: x\ncontexts:\n- {name: x, context: {cluster: y, user: z}}\nclusters:\n- {name: y, cluster: {server: 'https://a'}}\nusers:\n- {name: z, user: {exec: {apiVersion: v0, command: c}}}", "is not client.authentication.k8s.io/v1", ":7:39:")]
    public void A_kubeconfig_with_an_error_is_told_by_line(string text, string message, string place)
    {
        string path = Write("config", text);
        ApiAccessException e = Assert.Throws<ApiAccessException>(() => ApiAccess.From(new ClusterApiOptions { KubeConfigPath = path }, TimeProvider.System));
        Assert.Contains(message, e.Message);
        Assert.Contains(place, e.Message);
    }

    private static System.Text.Json.Nodes.JsonObject KubeObjectsOf(string name) => Testing.Kubernetes.KubeObjects.Service("default", name, "10.96.3.3");

    private static async Task AdvanceUntilAsync(ApiBench bench, TestTimeProvider time, Func<bool> condition, string what) => await bench.UntilAsync(
        () =>
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            return condition();
        },
        what);

    private static string Base64(string text) => Convert.ToBase64String(Encoding.UTF8.GetBytes(text));

    private static Func<string, string?> InPod(ApiBench bench) => name => name switch
    {
        "KUBERNETES_SERVICE_HOST" => bench.Server.Address.Host,
        "KUBERNETES_SERVICE_PORT" => bench.Server.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };

    private static string Kubeconfig(ApiBench bench, string user) => $"""
        apiVersion: v1
        kind: Config
        current-context: test
        contexts:
        - name: test
          context:
            cluster: here
            user: me
        clusters:
        - name: here
          cluster:
            server: {bench.Server.Address}
            certificate-authority-data: {Base64(bench.Server.Certificates!.Authority)}
        users:
        - name: me
          user:
            {user}
        """;

    private void WriteHelper(string script)
    {
        // Replaced in one step: it may be running.
        string path = Path.Combine(_directory, "helper");
        File.WriteAllText(path + ".new", "#!/bin/sh\n" + script + "\n");
        File.SetUnixFileMode(path + ".new", UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        File.Move(path + ".new", path, overwrite: true);
    }

    private string Write(string name, string text)
    {
        string path = Path.Combine(_directory, name);
        File.WriteAllText(path, text);
        return path;
    }
}
