/* See words.h. */
#include "cli/tell/words.h"

#include <stdlib.h>
#include <string.h>

static const char *const pairs[][2] = {
    {"training", "训练"},
    {"validation", "验证"},
    {"test", "测试"},
    /* what nudge plot draws */
    {"cost", "代价"},
    {"epoch", "轮"},
    {"step", "步"},
    {"step %s", "第 %s 步"},
    {"accuracy", "准确率"},
    {"gradient", "梯度"},
    {"cost (logarithmic)", "代价（对数）"},
    {"right answers, %", "正确率，%"},
    {"%s: %s at %s %.0f, %s at %s %.0f\n", "%s：%s（%s %.0f），%s（%s %.0f）\n"},
    {"%s, %s cost", "%s，%s代价"},
    {"%s, %s accuracy in %%", "%s，%s正确率，%%"},
    {"%s, cost of the mini-batch", "%s，小批量的代价"},
    {"%s, length of the gradient", "%s，梯度的长度"},
    {"Trainings compared", "几次训练的比较"},
    {"cost of the mini-batch (logarithmic)", "小批量的代价（对数）"},
    {"length of the gradient (logarithmic)", "梯度的长度（对数）"},
    {"each point is the mean over %s steps", "每个点是 %s 步的平均"},
    {"layer %zu", "第 %zu 层"},
    {"row %zu", "第 %zu 行"},
    {"row %zu: %s", "第 %zu 行：%s"},
    {"%s, read as %s", "%s，认成 %s"},
    {"%s as %s", "%s 认成 %s"},
    {"The worst mistakes of %s", "%s 最严重的错误"},
    {"%s, %s rows: %s of %s wrong; true class and answer, row and how sure it was",
     "%s，%s样本：错 %s 个，共 %s 个；真实类别与回答，行号与把握"},
    {"%s, %s rows: %s of %s wrong; true class and answer, row and output",
     "%s，%s样本：错 %s 个，共 %s 个；真实类别与回答，行号与输出"},
    {"How %s reads", "%s 怎样辨认"},
    {"%s, %s rows: the outputs of each class; green is the true one",
     "%s，%s样本：每个类别的输出；绿色是真实类别"},
    {"What %s takes for what", "%s 把什么认成什么"},
    {"%s, %s %s rows: %s right", "%s，%s 个%s样本：%s 正确"},
    {"answered", "回答"},
    {"true class", "真实类别"},
    {"right answers as their share of the class, wrong ones ten times as strong",
     "正确的回答按占该类的比例着色，错误的浓十倍"},
    {"weight", "权重"},
    {"weight; larger ones look the same", "权重；更大的颜色相同"},
    {"The first layer's weights in %s", "%s 第一层的权重"},
    {"the first %zu neurons, %zu×%zu weights each; one scale for all",
     "前 %zu 个神经元，各有 %zu×%zu 个权重；同一刻度"},
    {"%zu neurons, %zu×%zu weights each; one scale for all", "%zu 个神经元，各有 %zu×%zu 个权重；同一刻度"},
    {"The weights of layer %zu in %s", "第 %zu 层的权重，%s"},
    {"a row for each of its %zu neurons, a column for each of the %zu before",
     "每行一个神经元（%zu 个），每列一个前一层的神经元（%zu 个）"},
    {"%zu pixels (row,column)", "%zu 个像素（行,列）"},
    {"inputs", "输入"},
    {"white: %s", "白：%s"},
    {"%zu of %zu", "%zu 个，共 %zu 个"},
    {"positive", "正"},
    {"negative", "负"},
    {"edges are weights; wide is large, ± is the largest of a layer",
     "连线是权重；越粗越大，± 是该层的最大值"},
    {"edges are wishes handed back, -w δ: blue wishes for more, orange for less; ± is the largest of a layer",
     "连线是往回交的愿望，-w δ：蓝色愿其变大，橙色愿其变小；± 是该层的最大值"},
    {"edges are -∂C₀/∂w, the way training moves them; ± is the largest of a layer",
     "连线是 -∂C₀/∂w，即训练推动权重的方向；± 是该层的最大值"},
    {"%s, %s row %zu: bright neurons have large activations, orange ones negative",
     "%s，%s样本第 %zu 行：越亮激活值越大，橙色为负"},
    {"%s parameters", "%s 个参数"},
    {"layer %zu, %s", "第 %zu 层，%s"},
    {"%zu neurons: %zu dead, %zu saturated; %.0f %% are 0",
     "%zu 个神经元：%zu 个死亡，%zu 个饱和；%.0f %% 为 0"},
    {"activation a", "激活值 a"},
    {"how many (logarithmic)", "个数（对数）"},
    {"Gradients of %s", "%s 的梯度"},
    {"Activations of %s", "%s 的激活值"},
    {"%zu %s rows of %s; dead: the slope is 0 in every row; saturated: it is never above %.2g",
     "%zu 个%s样本，%s；死亡：斜率在每一行都是 0；饱和：斜率从不大于 %.2g"},
    {"%s: %s right", "%s：%s 正确"},
    {"after step %s", "第 %s 步之后"},
    {"feature %zu", "特征 %zu"},
    {"What is answered where: %s", "在何处怎样回答：%s"},
    {"every eighth class has the same colour", "每隔八个类别颜色相同"},
    {"strong colours where the network is sure; the points are %s rows",
     "颜色越浓，网络越有把握；点是%s样本"},
    /* nudge explain of an example */
    {"%s, %s row %zu", "%s，%s样本第 %zu 行"},
    {"%s, %s row %zu: %s, read as %s, %s sure", "%s，%s样本第 %zu 行：%s，认成 %s，把握 %s"},
    {"%s, %s row %zu: %s, read as %s, output %s", "%s，%s样本第 %zu 行：%s，认成 %s，输出 %s"},
    {"%zu → %s;  %s cost, C₀ = %s", "%zu → %s；代价 %s，C₀ = %s"},
    {"the input", "输入"},
    {"what is wished of it", "对它的愿望"},
    {"darker   brighter", "变暗   变亮"},
    {"black cannot get darker, nor white brighter", "黑的不能更暗，白的不能更亮"},
    {"against   for", "反对   支持"},
    {"what %s rests on", "%s 的依据"},
    {"what answer %s rests on", "回答 %s 的依据"},
    {"outputs", "输出"},
    {"a, and its target |", "a 与它的目标 |"},
    {"wish for z: -δ", "对 z 的愿望：-δ"},
    {"pixel %zu: row %zu, column %zu", "像素 %zu：%zu 行 %zu 列"},
    {"neuron %s", "神经元 %s"},
    {"weights into neuron %s of layer %zu", "进入神经元 %s 的权重，第 %zu 层"},
    {"what neuron %s wishes of layer %zu", "神经元 %s 的愿望，对第 %zu 层"},
    {"ledger of neuron %s of layer %zu: in sum %s", "神经元 %s 的账本，第 %zu 层：合计 %s"},
    /* nudge explain of a parameter */
    {"%s, for %s row %zu of %s", "%s，对%s样本第 %zu 行，%s"},
    {"%zu → %s;  %s cost", "%zu → %s；代价 %s"},
    {"the product: %s = %s", "乘积：%s = %s"},
    {"the cost as it moves", "代价随它的变化"},
    {"its value", "它的值"},
    {"now %s", "现在 %s"},
    {"its slope here, ∂C₀/∂p", "这里的斜率 ∂C₀/∂p"},
    {"nudging it", "推它一下"},
    {"size of the nudge", "推动的大小"},
    {"size of the change of C₀", "C₀ 变化的大小"},
    {"predicted: ∂C₀/∂p times the nudge", "预测：∂C₀/∂p 乘以推动"},
    {"measured", "测得"},
    {"their difference", "两者之差"},
    {"what may be rounding", "可能的舍入误差"},
    {"its gradient for each row", "每一行的梯度"},
    {"rows", "行"},
    {"rows (logarithmic)", "行数（对数）"},
    {"rows that push it up most, and their -∂C₀/∂p", "把它推高最多的行，以及 -∂C₀/∂p"},
    {"rows that push it down most, and their -∂C₀/∂p", "把它推低最多的行，以及 -∂C₀/∂p"},
    {"over the training", "在训练中"},
    {"%s in step %s: from %s to %s", "%s，第 %s 步：从 %s 到 %s"},
    {"%s, η = %s; -∂C/∂p = %s, the sum of what its %zu rows add",
     "%s，η = %s；-∂C/∂p = %s，是 %zu 行所加之和"},
    {"%s, η = %s; -η ∂C/∂p = %s, the sum of what its %zu rows add",
     "%s，η = %s；-η ∂C/∂p = %s，是 %zu 行所加之和"},
    {"what each of its rows adds", "每一行所加"},
    {"rows, in order", "各行，按大小"},
    {"up or down", "升或降"},
    {"rows that push it up, by how much", "把它推高的行，推了多少"},
    {"rows that push it down, by how much", "把它推低的行，推了多少"},
    /* nudge surface */
    {"The cost surface of %s, %zu → %s", "%s 的代价曲面，%zu → %s"},
    {"C over %s rows; plane: %s", "C 取自 %s 行；平面：%s"},
    {"principal components: %s of the paths' spread", "主成分：占路径散布的 %s"},
    {"first principal component (%s of the spread)", "第一主成分（散布的 %s）"},
    {"second (%s)", "第二（%s）"},
    {"random directions through the end of the first walk, filter-normalised",
     "过第一条路径终点的随机方向，按滤波器归一"},
    {"first random direction", "第一随机方向"},
    {"second random direction", "第二随机方向"},
    {"%s and %s; %s", "%s 和 %s；%s"},
    {"all that the network has, so the paths lie in it", "网络只有这两个，路径就在其中"},
    {"the others as at the end of the first walk", "其余如第一条路径终点"},
    {"careful", "谨慎者"},
    {"drunk", "醉汉"},
    {"momentum", "动量"},
    {"adam", "Adam"},
    {"careful (full batch)", "谨慎者（全批量）"},
    {"drunk (mini-batch)", "醉汉（小批量）"},
    {"momentum 0.9 (mini-batch)", "动量 0.9（小批量）"},
    {"Adam (mini-batch)", "Adam（小批量）"},
    {"%s: %s steps", "%s：%s 步"},
    {"%s: %s steps of %s ms", "%s：%s 步，每步 %s ms"},
    {"cost C", "代价 C"},
    {"cost C (logarithmic)", "代价 C（对数）"},
    {"cost by step", "代价随步数"},
    {"cost by time", "代价随时间"},
    {"step (logarithmic)", "步（对数）"},
    {"seconds, at each walker's usual speed (logarithmic)", "秒，按各自通常的速度（对数）"},
    {"%s: reached the careful one's final cost %s times sooner", "%s：到达谨慎者的最终代价，快 %s 倍"},
    {"%s: reached the careful one's final cost %s times later", "%s：到达谨慎者的最终代价，慢 %s 倍"},
    {"ring: the start; disc: the end", "环：起点；圆点：终点"},
    {"from above", "俯视"},
    {"from the side: height and colour are the cost", "侧视：高度和颜色都是代价"},
};

static enum language chosen = LANGUAGE_ENGLISH;

enum language words_of_locale(void) {
    static const char *const names[] = {"LC_ALL", "LC_MESSAGES", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (value && value[0]) return strncmp(value, "zh", 2) == 0 ? LANGUAGE_CHINESE : LANGUAGE_ENGLISH;
    }
    return LANGUAGE_ENGLISH;
}

void words_choose(enum language language) {
    chosen = language;
}

enum language words_language(void) {
    return chosen;
}

bool words_pair(size_t i, const char **english, const char **chinese) {
    if (i >= sizeof pairs / sizeof *pairs) return false;
    *english = pairs[i][0];
    *chinese = pairs[i][1];
    return true;
}

const char *word(const char *english) {
    const char *found, *chinese;
    if (chosen == LANGUAGE_ENGLISH) return english;
    for (size_t i = 0; words_pair(i, &found, &chinese); i++)
        if (strcmp(found, english) == 0) return chinese;
    return english;
}
