using MiniDns.Expressions;
using MiniDns.Plugins.Template.Engine;

namespace MiniDns.Plugins.Template;

/// <summary>What the expressions of a directive are evaluated with.</summary>
internal sealed class TemplateContext(QueryData data) : ExpressionContext
{
    /// <summary>The names that the expressions of one directive may use.</summary>
    public static ExpressionEnvironment NewEnvironment() => new(
        [
            .. QueryFunctions.All,
            new("group", [ExpressionType.Any], ExpressionType.String, static (ExpressionContext context, ReadOnlySpan<ExpressionValue> arguments, out ExpressionValue value) =>
            {
                bool isKey = arguments[0].Type is ExpressionType.String or ExpressionType.Int;
                value = ExpressionValue.From(isKey ? ((TemplateContext)context).Group(arguments[0].ToString()) : "");
                return true;
            }),
        ]);

    /// <summary>An expression's value for templates.</summary>
    public static TemplateValue Convert(in ExpressionValue value) => value.Type switch
    {
        ExpressionType.Bool => TemplateValue.From(value.Bool),
        ExpressionType.Int => TemplateValue.From(value.Int),
        ExpressionType.Float => TemplateValue.From(value.Number),
        ExpressionType.String => TemplateValue.From(value.ToString()),
        ExpressionType.List => TemplateValue.From(new TemplateArray([.. value.Elements().Select(v => Convert(v))])),
        _ => TemplateValue.Nil,
    };

    private string Group(string name) => data.Group(name);
}
