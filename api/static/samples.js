/** Scripts to begin with; one reads from right to left. */

export const SAMPLES = [
  {
    name: 'The lighthouse',
    text: `At the edge of the northern sea stands a lighthouse that nobody has visited for twenty years. Its keeper, an old woman named Ingrid, still climbs the one hundred and nine steps every evening to light the lamp.

One night in October a storm throws a small red boat against the rocks. Ingrid goes down with a lantern in her hand and finds a boy, shivering, holding a cage with a single white pigeon in it.

They drink tea until the morning. When the sea is calm again, the boy opens the cage on the gallery, and the pigeon circles the tower three times before it turns towards the land.

In spring a letter comes, the first in twenty years. It says: we can see your light from here.`,
  },
  {
    name: 'The future of content',
    text: `Welcome to the future of content creation. In this digital age, technology transforms how we tell stories. Imagine vibrant cityscapes with glowing neon lights reflecting off glass towers. Picture innovative workspace environments where creativity flows freely, with modern design elements and collaborative spaces.

The journey continues through serene natural landscapes - mountain vistas at sunrise, peaceful forest paths, and crystal-clear lakes reflecting the sky. These environments inspire the next generation of digital storytellers.`,
  },
  {
    name: 'رسالة إلى البحر',
    language: 'ar',
    text: `في قرية صغيرة على شاطئ البحر تعيش فتاة اسمها ليلى. كل مساء تكتب رسالة قصيرة وتضعها في زجاجة وترميها في الماء.

ذات صباح وجدت على الرمل زجاجة خضراء لم تكن لها. كان فيها ورق أصفر وكلمات بخط جميل: قرأت كل رسائلك، لا تتوقفي عن الكتابة.

ابتسمت ليلى ونظرت إلى الأفق البعيد، حيث كانت سفينة بيضاء تبحر ببطء نحو الشمس.`,
  },
]
