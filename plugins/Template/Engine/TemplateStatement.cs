namespace MiniDns.Plugins.Template.Engine;

/// <summary>A part of a template that writes or decides what is written.</summary>
/// <param name="offset">Where it stands, in characters.</param>
internal abstract class TemplateStatement(int offset)
{
    /// <summary>Where it stands, in characters.</summary>
    public int Offset { get; } = offset;

    /// <summary>Does it.</summary>
    /// <returns>False when something went wrong, or a loop's round ends here; the run knows which.</returns>
    public abstract bool Execute(TemplateRun run);

    /// <summary>Does one after the other.</summary>
    public static bool ExecuteAll(TemplateStatement[] body, TemplateRun run)
    {
        foreach (TemplateStatement statement in body)
        {
            if (!statement.Execute(run))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Text outside of actions.</summary>
    public sealed class Verbatim(int offset, string text) : TemplateStatement(offset)
    {
        /// <inheritdoc/>
        public override bool Execute(TemplateRun run)
        {
            run.Output.Append(text);
            return !run.Output.IsOverflown || run.Fail(Offset, TooLong);
        }
    }

    /// <summary>A value that is written.</summary>
    public sealed class Insertion(int offset, TemplateExpression expression) : TemplateStatement(offset)
    {
        /// <inheritdoc/>
        public override bool Execute(TemplateRun run)
        {
            if (!expression.TryEvaluate(run, out TemplateValue value))
            {
                return false;
            }

            if (!TemplateFormat.TryPrint(value, run.Output))
            {
                return run.Fail(Offset, $"a value of type {value.TypeName} cannot be printed");
            }

            return !run.Output.IsOverflown || run.Fail(Offset, TooLong);
        }
    }

    /// <summary>An assignment: evaluated, not written.</summary>
    public sealed class Silent(int offset, TemplateExpression expression) : TemplateStatement(offset)
    {
        /// <inheritdoc/>
        public override bool Execute(TemplateRun run) => expression.TryEvaluate(run, out _);
    }

    /// <summary><c>if</c>, and <c>with</c>, which sets the dot too.</summary>
    public sealed class Condition(int offset, TemplateExpression expression, bool setsDot, TemplateStatement[] body, TemplateStatement[] otherwise) : TemplateStatement(offset)
    {
        /// <inheritdoc/>
        public override bool Execute(TemplateRun run)
        {
            if (!expression.TryEvaluate(run, out TemplateValue value))
            {
                return false;
            }

            if (!value.IsTrue)
            {
                return ExecuteAll(otherwise, run);
            }

            TemplateValue dot = run.Dot;
            run.Dot = setsDot ? value : dot;
            bool goesOn = ExecuteAll(body, run);
            run.Dot = dot;
            return goesOn;
        }
    }

    /// <summary><c>range</c>, over a list, a map in the order of its keys, or the numbers below one.</summary>
    public sealed class Loop(int offset, TemplateExpression expression, int keyVariable, int valueVariable, TemplateStatement[] body, TemplateStatement[] otherwise) : TemplateStatement(offset)
    {
        /// <inheritdoc/>
        public override bool Execute(TemplateRun run)
        {
            if (!expression.TryEvaluate(run, out TemplateValue over))
            {
                return false;
            }

            long count;
            IReadOnlyList<string> keys = [];
            switch (over.Kind)
            {
                case TemplateKind.List:
                    count = over.List.Count;
                    break;
                case TemplateKind.Map:
                    keys = over.Map.Keys;
                    count = keys.Count;
                    break;
                case TemplateKind.Int:
                    count = Math.Max(over.Int, 0);
                    break;
                case TemplateKind.Uint:
                    count = (long)Math.Min(over.Uint, long.MaxValue);
                    break;
                case TemplateKind.Missing or TemplateKind.Nil:
                    count = 0;
                    break;
                default:
                    return run.Fail(Offset, $"'range' goes over a list, a map or a number, not over a value of type {over.TypeName}");
            }

            return count == 0 ? ExecuteAll(otherwise, run) : Go(run, over, keys, count);
        }

        private bool Go(TemplateRun run, TemplateValue over, IReadOnlyList<string> keys, long count)
        {
            TemplateValue dot = run.Dot;
            for (long i = 0; i < count; i++)
            {
                if (!run.Step(Offset))
                {
                    return false;
                }

                TemplateValue key = TemplateValue.From(i);
                TemplateValue value = key;
                if (over.Kind == TemplateKind.List)
                {
                    value = over.List[(int)i];
                }
                else if (over.Kind == TemplateKind.Map)
                {
                    key = TemplateValue.From(keys[(int)i]);
                    over.Map.TryGet(keys[(int)i], out value);
                }

                run.Dot = value;
                if (keyVariable >= 0)
                {
                    run[keyVariable] = key;
                }

                if (valueVariable >= 0)
                {
                    run[valueVariable] = value;
                }

                if (!ExecuteAll(body, run))
                {
                    TemplateRun.Jump leaving = run.Leaving;
                    run.Leaving = TemplateRun.Jump.None;
                    if (leaving == TemplateRun.Jump.None)
                    {
                        return false;
                    }

                    if (leaving == TemplateRun.Jump.Break)
                    {
                        break;
                    }
                }
            }

            run.Dot = dot;
            return true;
        }
    }

    /// <summary><c>break</c> and <c>continue</c>.</summary>
    public sealed class Leave(int offset, TemplateRun.Jump jump) : TemplateStatement(offset)
    {
        /// <inheritdoc/>
        public override bool Execute(TemplateRun run)
        {
            run.Leaving = jump;
            return false;
        }
    }

    private static string TooLong => $"the output would be longer than {TemplateRun.MaxOutput} characters";
}
